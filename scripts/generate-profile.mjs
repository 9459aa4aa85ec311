/**
 * Makes pairs of heap profiles of any size from a fixed seed, with the shape that those of a large Go
 * service have. Held against a real one, of a Go service that parses and type-checks Go under
 * net/http at a low rate (127,546 samples):
 *
 * - a location is a call site: it is in one function and calls few; the hot ones are in most stacks,
 *   so 100,000 samples have a few thousand locations and about three new calls each;
 * - stacks share their roots, and are 10 to 40 frames deep, a few twice that;
 * - a sample is one stack and one block size, which its label `bytes` tells;
 * - the profiler forgets nothing: six of seven samples have nothing live any more, and the second
 *   snapshot has the samples of the first, and new ones.
 */
import { gzipSync } from 'node:zlib'
import { perftools } from '../proto/profile.js'

const { Profile } = perftools.profiles

/** Of the whole program; a profile has those that its stacks reach. */
const FUNCTIONS = 1500
const ROOTS = 24
/** Calls under which stacks grow on. */
const MAX_DEPTH = 40
/** Samples that are encoded at a time. */
const BATCH = 4096

/** A generator of numbers from 0 up to 1 (mulberry32): the same for the same seed. */
function randomFrom(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Two snapshots of one process as bytes: the first has `samples` samples, the second a tenth more. */
export function generatePair(samples, seed = 1) {
  const random = randomFrom(seed)
  const tree = new CallTree(random)
  const tables = new Tables(tree)
  const seen = new Set()
  const one = new SampleWriter()
  const two = new SampleWriter()
  const total = Math.round(samples * 1.1)
  let leaf = tree.plant()
  while (seen.size < total) {
    if (random() < 0.8) leaf = tree.branch()
    const size = blockSize(random)
    const key = leaf * 2 ** 20 + size
    if (seen.has(key)) continue
    seen.add(key)
    const locationId = tree.stack(leaf).map((site) => tables.locationId(site))
    const allocated = 1 + Math.floor(random() ** 3 * 500)
    const live = random() < 0.87 ? 0 : Math.ceil(allocated * random())
    const grown = random() < 0.02 ? Math.ceil(allocated * random()) : 0
    if (seen.size <= samples) one.add(locationId, size, allocated, live)
    two.add(locationId, size, allocated + 2 * grown, live + grown)
  }
  return [
    Buffer.concat([tables.encode(1e18), ...one.finish()]),
    Buffer.concat([tables.encode(1e18 + 6e10), ...two.finish()]),
  ]
}

/** A program, functions with call sites, and the stacks that were seen in it, as a tree. */
class CallTree {
  #random
  sites = []
  functions
  /** By node: the site, the calling node, and how many are above it. Node 0 is above all roots. */
  #site = [-1]
  #caller = [0]
  #depth = [0]
  #nodeByCall = new Map()
  #leaves = []
  #isLeaf = new Set()

  constructor(random) {
    this.#random = random
    this.functions = Array.from({ length: FUNCTIONS }, (_, index) => ({
      startLine: 10 + this.#pick(900),
      sites: Array.from({ length: 1 + this.#pick(4) }, () => this.#addSite(index)),
    }))
  }

  #pick(count) {
    return Math.floor(this.#random() * count)
  }

  /** The first few are picked most of the time. */
  #pickHot(count) {
    return Math.floor(this.#random() ** 3 * count)
  }

  #addSite(index) {
    const inlined = this.#random() < 0.25 ? [this.#pickHot(FUNCTIONS)] : []
    // Most calls have one callee; those through an interface have several.
    const count = this.#random() < 0.8 ? 1 : 2 + this.#pick(4)
    const callees = Array.from({ length: count }, () => this.#pickHot(FUNCTIONS))
    return (
      this.sites.push({ frames: [...inlined, index], line: 10 + this.#pick(1000), callees }) - 1
    )
  }

  /** Grows the first stacks, each from a root; returns the last. */
  plant() {
    for (let root = 0; root < ROOTS; root++) {
      const { sites } = this.functions[this.#pick(FUNCTIONS)]
      this.#addLeaf(this.#walk(this.#call(0, sites[0]), 9 + this.#pick(30)))
    }
    return this.#leaves.at(-1)
  }

  /** A new stack that shares all but its last calls with an earlier one. */
  branch() {
    for (;;) {
      let node = this.#leaves[this.#pick(this.#leaves.length)]
      for (let up = 1 + this.#pick(6); up > 0 && this.#depth[node] > 1; up--) {
        node = this.#caller[node]
      }
      const leaf = this.#walk(node, 1 + this.#pick(this.#depth[node] > MAX_DEPTH ? 1 : 7))
      if (!this.#isLeaf.has(leaf)) return this.#addLeaf(leaf)
    }
  }

  #addLeaf(node) {
    this.#leaves.push(node)
    this.#isLeaf.add(node)
    return node
  }

  #walk(from, calls) {
    let node = from
    for (let call = 0; call < calls; call++) {
      const { callees } = this.sites[this.#site[node]]
      const { sites } = this.functions[callees[this.#pickHot(callees.length)]]
      node = this.#call(node, sites[this.#pickHot(sites.length)])
    }
    return node
  }

  #call(caller, site) {
    const key = caller * 2 ** 14 + site
    const known = this.#nodeByCall.get(key)
    if (known !== undefined) return known
    const node = this.#site.push(site) - 1
    this.#caller.push(caller)
    this.#depth.push(this.#depth[caller] + 1)
    this.#nodeByCall.set(key, node)
    return node
  }

  /** Sites from the leaf to the root. */
  stack(leaf) {
    const sites = []
    for (let node = leaf; node !== 0; node = this.#caller[node]) sites.push(this.#site[node])
    return sites
  }
}

/** About a hundred sizes, small ones most often, as Go's size classes. */
const blockSize = (random) => {
  const step = Math.floor(random() ** 2 * 96)
  return 2 ** (3 + (step >> 3)) + (step & 7) * 2 ** (step >> 3)
}

/** The tables of a profile: what is used, numbered in the order of its first use, as Go does. */
class Tables {
  #tree
  #locationIds = new Map()
  #functionIds = new Map()
  #locations = []
  #functions = []
  #strings = [
    ...['', 'bytes', 'count', 'space', 'alloc_objects', 'alloc_space', 'inuse_objects'],
    ...['inuse_space', '/srv/shop/shop', '0123456789abcdef'],
  ]

  constructor(tree) {
    this.#tree = tree
  }

  locationId(site) {
    const known = this.#locationIds.get(site)
    if (known !== undefined) return known
    const id = this.#locations.length + 1
    const { frames, line } = this.#tree.sites[site]
    this.#locationIds.set(site, id)
    this.#locations.push({
      id,
      mappingId: 1,
      address: 0x401000 + site * 23,
      line: frames.map((index) => ({ functionId: this.#functionId(index), line })),
    })
    return id
  }

  #functionId(index) {
    const known = this.#functionIds.get(index)
    if (known !== undefined) return known
    const id = this.#functions.length + 1
    const directory = `internal/module${index % 97}`
    const name = this.#text(`example.com/shop/${directory}.(*Service${index % 13}).Handle${index}`)
    const filename = this.#text(`/srv/shop/${directory}/file${index % 211}.go`)
    const { startLine } = this.#tree.functions[index]
    this.#functionIds.set(index, id)
    this.#functions.push({ id, name, systemName: name, filename, startLine })
    return id
  }

  #text(value) {
    return this.#strings.push(value) - 1
  }

  encode(timeNanos) {
    return Profile.encode({
      sampleType: [
        { type: 4, unit: 2 },
        { type: 5, unit: 1 },
        { type: 6, unit: 2 },
        { type: 7, unit: 1 },
      ],
      periodType: { type: 3, unit: 1 },
      period: 524_288,
      timeNanos,
      mapping: [
        {
          id: 1,
          memoryStart: 0x400000,
          memoryLimit: 0x2000000,
          filename: 8,
          buildId: 9,
          hasFunctions: true,
        },
      ],
      function: this.#functions,
      location: this.#locations,
      stringTable: this.#strings,
    }).finish()
  }
}

/** Encodes samples batch by batch: the messages of a million of them would not fit in memory. */
class SampleWriter {
  #batch = []
  #encoded = []

  add(locationId, size, allocated, live) {
    const value = [allocated, allocated * size, live, live * size]
    this.#batch.push({ locationId, value, label: [{ key: 1, num: size }] })
    if (this.#batch.length === BATCH) this.#flush()
  }

  #flush() {
    this.#encoded.push(Profile.encode({ sample: this.#batch }).finish())
    this.#batch = []
  }

  finish() {
    this.#flush()
    return this.#encoded
  }
}

/** Compressed as Go compresses profiles: for speed. */
export const compressed = (bytes) => gzipSync(bytes, { level: 1 })
