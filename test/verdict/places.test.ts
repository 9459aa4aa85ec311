import { describe, expect, test } from '@jest/globals'
import { culprit } from '../../src/verdict/culprit.ts'
import { growthByPlace } from '../../src/verdict/places.ts'
import { frame, stack } from '../support/measurement.ts'

const OWN = frame('main.handle', 'main.go', 20)
const SERVE = frame('net/http.(*conn).serve')
const CLONE = frame('bytes.Clone')

describe('growthByPlace', () => {
  test('tells a stack by its first frame in the repository, with the function that allocated', () => {
    expect(growthByPlace([stack([CLONE, OWN, SERVE], [0, 4096])], 4)).toMatchObject([
      {
        function: 'main.handle',
        path: 'main.go',
        line: 20,
        own: true,
        allocatedIn: 'bytes.Clone',
        retained: { bytes: 4096, objects: 4 },
        bytesPerRequest: 1024,
        objectsPerRequest: 1,
        flat: { bytes: 0, objects: 0 },
        cum: { bytes: 4096, objects: 4 },
      },
    ])
  })

  test('tells a stack without own code by its leaf', () => {
    expect(growthByPlace([stack([CLONE, SERVE], [0, 10])], 1)[0]).toMatchObject({
      function: 'bytes.Clone',
      own: false,
    })
  })

  test.each(['vendor/example.com/x/x.go', 'app/vendor/x/x.go', 'go/pkg/mod/x@v1/x.go'])(
    'does not take %s for own code',
    (path) => {
      const dependency = frame('x.Do', path)
      expect(growthByPlace([stack([dependency, OWN], [0, 10])], 1)[0]?.function).toBe('main.handle')
    },
  )

  test('counts recursion once in cum', () => {
    expect(growthByPlace([stack([OWN, OWN, OWN], [0, 10])], 1)[0]?.cum.bytes).toBe(10)
  })

  test('names the line of a function that grew most, not the one of its largest stack', () => {
    const at = (line: number, bytes: number): ReturnType<typeof stack> =>
      stack([frame('main.handle', 'main.go', line), SERVE], [0, bytes])
    expect(growthByPlace([at(10, 50), at(20, 30), at(20, 30)], 1)[0]?.line).toBe(20)
  })

  test('puts the most retained first, and keeps what shrank', () => {
    const other = frame('main.free', 'main.go')
    const places = growthByPlace([stack([other], [90, 0]), stack([OWN], [0, 10])], 1)
    expect(places.map((place) => [place.function, place.retained.bytes])).toEqual([
      ['main.handle', 10],
      ['main.free', -90],
    ])
  })

  test('adds the errors of independent stacks by their squares', () => {
    const places = growthByPlace([stack([OWN], [0, 1], 3), stack([CLONE, OWN], [0, 1], 4)], 1)
    expect(places[0]?.bytesError).toBe(5)
  })

  test.each([
    [['runtime.malg', 'runtime.newproc1'], 'runtime'],
    [['bytes.growSlice', 'runtime/pprof.writeHeapProto'], 'profiler'],
    [['net/http.newBufioReader', 'sync.(*Pool).Get'], 'pools'],
    [['bufio.NewReaderSize', 'net/http.(*conn).serve'], 'connections'],
    [['encoding/json.typeFields'], 'type caches'],
    [['net/http.(*Transport).dialConn'], undefined],
  ])('names %j as noise: %s', (names, noise) => {
    expect(
      growthByPlace(
        [
          stack(
            names.map((name) => frame(name)),
            [0, 10],
          ),
        ],
        1,
      )[0]?.noise,
    ).toBe(noise)
  })

  test('names as noise what the file of `instrument` allocates, by the name of that file', () => {
    const ours = {
      function: 'main.heapgateAnswer',
      file: '/shop/cmd/00_heapgate_pprof.go',
      line: 9,
    }
    const stacks = [
      stack([CLONE, ours, SERVE], [0, 900]),
      stack([{ ...ours, file: 'example.com/shop/00_heapgate_pprof.go' }], [0, 900]),
      stack([frame('main.heapgateOfTheirs', 'main.go')], [0, 1]),
    ]
    const places = growthByPlace(stacks, 1)
    expect(places.map(({ noise }) => noise)).toEqual(['instrument', 'instrument', undefined])
    expect(culprit(places)?.function).toBe('main.heapgateOfTheirs')
  })

  test('never takes a stack with own code for noise', () => {
    const pooled = stack([frame('sync.(*Pool).Get'), OWN], [0, 10])
    expect(growthByPlace([pooled], 1)[0]?.noise).toBeUndefined()
  })
})

describe('culprit', () => {
  test('is the own code that kept most, even when more hangs on it elsewhere', () => {
    const places = growthByPlace([stack([CLONE], [0, 900]), stack([OWN], [0, 100])], 1)
    expect(culprit(places)?.function).toBe('main.handle')
  })

  test('is no own code that kept next to nothing', () => {
    const places = growthByPlace([stack([CLONE], [0, 990]), stack([OWN], [0, 10])], 1)
    expect(culprit(places)?.function).toBe('bytes.Clone')
  })

  test('is nobody where nothing grew', () => {
    expect(culprit(growthByPlace([stack([OWN], [10, 0])], 1))).toBeUndefined()
  })
})
