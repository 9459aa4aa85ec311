import { HeapgateError } from '../errors.ts'

/** A profile can't be read, or can't be compared with another; `message` says what is wrong where. */
export class ProfileError extends HeapgateError {}
