import { requireGo } from '../../scripts/require-go.mjs'

/** The tests run real Go services: says so, and installs Go where it may, before the first one. */
export default function globalSetup() {
  requireGo()
}
