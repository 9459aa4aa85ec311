import type { Profile } from './profile.ts'

/**
 * The profile without what pprof takes for the address that it was fetched from: the file of a
 * mapping that has no build id, when it is an absolute URL. `C:/prog.exe` is one too, of scheme `C`.
 */
export function withoutSourceUrls(profile: Profile): Profile {
  const isUrl = profile.mappings.map(({ buildId, file }) => buildId === '' && isAbsoluteUrl(file))
  if (!isUrl.includes(true)) return profile
  const mappings = profile.mappings.map((mapping, index) =>
    isUrl[index] === true ? { ...mapping, file: '' } : mapping,
  )
  return { ...profile, mappings }
}

// eslint-disable-next-line no-control-regex -- Go refuses them anywhere
const CONTROL = /[\x00-\x1f\x7f]/
const BROKEN_ESCAPE = /%(?![0-9a-f]{2})/i
const AUTHORITY = /^([\w.~!$&'()*+,;=%@:-]*@)?(\[[^[\]]*\]|(?:[^[\]:\\^`{|}% ]|%[89a-f])*)(:\d*)?$/i

/** Whether Go's `url.Parse` takes a text and finds a scheme. */
function isAbsoluteUrl(text: string): boolean {
  if (CONTROL.test(text)) return false
  const [whole, fragment] = cut(text, '#')
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(whole)?.[0]
  if (scheme === undefined || BROKEN_ESCAPE.test(fragment)) return false
  const [rest] = cut(whole.slice(scheme.length), '?')
  if (!rest.startsWith('/')) return true
  const authority = /^\/\/([^/]*)/.exec(rest)?.[1] ?? ''
  return !BROKEN_ESCAPE.test(rest) && AUTHORITY.test(authority)
}

function cut(text: string, separator: string): readonly [before: string, after: string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
