// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emailKey, isEmailAddress, loginKey, usernameKey } from '../../src/platform/identity.ts'

const label = (length: number) => 'a'.repeat(length)

for (const [what, address] of [
  ['every sign of a dot-atom', "Az09!#$%&'*+/=?^_`{|}~-.x@example.com"],
  ['a name part of 64', `${label(64)}@example.com`],
  ['a label of 63', `a@${label(63)}.com`],
  ['254 characters', `a@${`${label(61)}.`.repeat(4)}co`.padEnd(254, 'm')],
  ['digits and hyphens in labels', 'a@1-2--3.x-1.com'],
  ['an international domain', 'a@münchen.de'],
  ['its ASCII spelling', 'a@xn--mnchen-3ya.de'],
  ['labels and a last one in another script', 'a@例え.テスト'],
  ['a joiner that its script needs', 'a@نامه\u200cای.com'],
] as const) {
  test(`an e-mail address with ${what} is one`, () => {
    assert.equal(isEmailAddress(address), true, address)
  })
}

for (const [what, address] of [
  ['nothing at all', ''],
  ['no name part', '@example.com'],
  ['no domain', 'a@'],
  ['no @', 'example.com'],
  ['two of them', 'a@b@example.com'],
  ['a quoted name part', '"a b"@example.com'],
  ['a dot at the start', '.a@example.com'],
  ['a dot at the end', 'a.@example.com'],
  ['two dots in a row', 'a..b@example.com'],
  ['a comment', 'a(b)@example.com'],
  ['a name part that is not ASCII', 'ä@example.com'],
  ['a name part of 65', `${label(65)}@example.com`],
  ['one label', 'a@localhost'],
  ['an empty label', 'a@example..com'],
  ['a dot before the domain', 'a@.example.com'],
  ['a dot behind the domain', 'a@example.com.'],
  ['a dot behind an international domain', 'a@münchen.de.'],
  ['a label of 64', `a@${label(64)}.com`],
  ['an international label of 64 in ASCII', `a@${'ü'.repeat(60)}.com`],
  ['255 characters', `a@${`${label(61)}.`.repeat(4)}co`.padEnd(255, 'm')],
  ['more than 254 in ASCII', `a@${`${label(60)}ü.`.repeat(3)}${label(60)}.example`],
  ['a hyphen at the start of a label', 'a@-b.com'],
  ['a hyphen at its end', 'a@b-.com'],
  ['the hyphen of an international label', 'a@xn--b-.com'],
  ['an underscore', 'a@b_c.com'],
  ['an underscore in an international label', 'a@ü_c.com'],
  ['an address literal', 'a@[127.0.0.1]'],
  ['an address literal of IPv6', 'a@[IPv6:::1]'],
  ['an address of IPv4', 'a@127.0.0.1'],
  ['a short one', 'a@1.2'],
  ['one in full-width digits', 'a@１.２'],
  ['one in hexadecimal', 'a@ü.0x7f'],
  ['percent-encoding', 'a@ex%41mple.com'],
  ['percent-encoding beside other letters', 'a@ü%41.com'],
  ['a full-width percent sign', 'a@ü％41.com'],
  ['a path', 'a@münchen.de/x'],
  ['a full-width slash', 'a@münchen.de／x'],
  ['a port', 'a@münchen.de:25'],
  ['a query', 'a@münchen.de?x'],
  ['a backslash', 'a@münchen.de\\x'],
  ['a space', 'a@mün chen.de'],
  ['a tab, which a URL drops', 'a@mün\tchen.de'],
  ['a line break, which a URL drops', 'a@mün\nchen.de'],
  ['a NUL', 'a@mün\0chen.de'],
  ['half a surrogate pair', 'a@m\ud800.de'],
  ['an ASCII spelling of nothing', 'a@xn--zzzzzz.de'],
  ['an ASCII spelling of ASCII', 'a@xn--abc-.de'],
  ['an ASCII spelling twice', 'a@xn--xn---epa.de'],
  ['a joiner that its script does not need', 'a@b\u200cc.com'],
  ['a sign that turns the text around', 'a@b\u202ec.com'],
  ['a megabyte of domain', `a@${'ü'.repeat(1_000_000)}.de`],
] as const) {
  test(`an e-mail address with ${what} is refused`, () => {
    assert.equal(isEmailAddress(address), false)
  })
}

for (const [what, spellings] of [
  ['ASCII', ['a.b@example.com', 'A.B@EXAMPLE.com']],
  [
    'another script',
    [
      'x@xn--mnchen-3ya.de',
      'X@XN--MNCHEN-3YA.DE',
      'x@münchen.de',
      'x@MÜNCHEN.de',
      'x@mu\u0308nchen.de',
      'x@ｍünchen。de',
    ],
  ],
  ['a sharp s', ['x@xn--strae-oqa.de', 'x@straße.de']],
] as const) {
  test(`all spellings of an address in ${what} have one key, which is ASCII`, () => {
    const keys = new Set(spellings.map(emailKey))
    assert.deepEqual([...keys], [spellings[0]])
  })
}

test('addresses that only look alike have different keys', () => {
  const addresses = ['x@straße.de', 'x@strasse.de', 'x@munchen.de', 'x@münchen.de', 'ß@a.de']
  assert.equal(new Set([...addresses, 'ss@a.de'].map(emailKey)).size, 6)
})

test('the key of every address that could register before is the one that it had', () => {
  const labels = ['a', 'A-1', 'xn--mnchen-3ya', 'XN--MNCHEN-3YA', 'xn--zzzzzz', 'xn--abc-', '12']
  const domains = labels.flatMap((one) => labels.map((other) => `${one}.${other}`))
  for (const domain of [...domains, `${label(70)}.com`, '1.2.3.4', '0x7f.1', 'a.xn--a.0x1']) {
    const address = `Some.Body+x@${domain}`
    assert.equal(emailKey(address), address.toLowerCase())
  }
})

test('a name with an @ is looked for among addresses, every other among usernames', () => {
  assert.deepEqual(loginKey('LyShark'), { column: 'usernameKey', key: 'lyshark' })
  assert.deepEqual(loginKey('Ly@Ü.de'), { column: 'emailKey', key: 'ly@xn--tda.de' })
  assert.equal(usernameKey('\u212aATE'), '\u212aate')
})
