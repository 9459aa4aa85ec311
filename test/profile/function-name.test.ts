import { describe, expect, test } from '@jest/globals'
import { packageOf, printedName, shortenedName } from '../../src/profile/function-name.ts'

describe('the printed name', () => {
  test.each([
    ['main.main', 'main.main'],
    ['main.(*T).Method', 'main.(*T).Method'],
    ['main.(*Table[...]).Put', 'main.(*Table[...]).Put'],
    ['main.New[...]', 'main.New[...]'],
    [
      'json.OnceValue[go.shape.func(*json.State, json.Opts)].func3',
      'json.OnceValue[go.shape.func].func3',
    ],
    ['ns::Class<int>::run(int, (char))', 'ns::Class::run'],
    ['Class.<init>', 'Class.<init>'],
    ['f[int](a) b) c(d)', 'f[int] b) c(d)'],
    ['f[int](unclosed', 'f[int](unclosed'],
    ['f[int])x((y))', 'f[int])x((y))'],
  ])('of %s is %s', (name, printed) => {
    expect(printedName(name, name)).toBe(printed)
  })

  test('is the name when the system name is another one', () => {
    expect(printedName('ns::run(int)', '_ZN2ns3runEi')).toBe('ns::run(int)')
    expect(printedName('', 'only.system')).toBe('only.system')
  })
})

describe('the shortened name', () => {
  test.each([
    ['github.com/acme/shop/internal/store.(*Table).Put', 'store.(*Table).Put'],
    ['github.com/acme/shop/v2/store.Put', 'store.Put'],
    ['github.com/acme/shop/v2.Put', 'shop.Put'],
    ['net/http.(*conn).serve', 'http.(*conn).serve'],
    ['main.main', 'main.main'],
    ['java.bar.foo.FooBar.run(java.lang.Runnable)', 'FooBar.run'],
    ['(anonymous namespace)::Bar::Foo', 'Bar::Foo'],
  ])('of %s is %s', (name, shortened) => {
    expect(shortenedName(name)).toBe(shortened)
  })
})

describe('the package', () => {
  test.each([
    ['main.main', 'main'],
    ['net/http.(*conn).serve', 'net/http'],
    ['github.com/acme/shop.New[github.com/acme/other.T]', 'github.com/acme/shop'],
    ['gopkg.in/yaml%2ev3.Unmarshal', 'gopkg.in/yaml.v3'],
    ['gogo', ''],
  ])('of %s is %s', (name, path) => {
    expect(packageOf(name)).toBe(path)
  })
})
