// runs once
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import fc from 'fast-check'
import { deviceName, devicePartsOf } from '../../src/features/mail/device-name.ts'
import { readTemplates } from '../../src/features/mail/templates/custom.ts'
import { ownTemplate } from '../../src/features/mail/templates/templates.ts'
import { catalogues, english } from '../../src/languages/languages.ts'
import type { MailValues } from '../../src/languages/mail.ts'
import { scratchDirectory } from '../support/databases.ts'

const VALUES: MailValues = {
  site: 'auth.example.org',
  code: '1234 5678',
  link: 'https://app.example.org/mail#purpose=x&challenge=y&code=12345678',
  until: '30 November 2026 at 08:15 UTC',
  when: '29 November 2026 at 08:15 UTC',
  device: 'Firefox on Linux, 192.0.2.1',
  left: '9',
}

test('values are text in HTML, also those that look like HTML', () => {
  const evil = `"><script>alert('x')</script>&`
  const { html } = ownTemplate('new_device')({ ...VALUES, device: evil }, 'en')

  assert.ok(html.includes('&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;'))
  assert.doesNotMatch(html, /<script/)
})

test('a device is named in the language of the mail', () => {
  const userAgent = 'Mozilla/5.0 (Windows NT 10.0; rv:132.0) Gecko/20100101 Firefox/132.0'
  const parts = devicePartsOf({ userAgent, ip: '2001:db8::1' })

  assert.equal(deviceName(parts, catalogues.en), 'Firefox on Windows, 2001:db8::1')
  assert.equal(deviceName(parts, catalogues['zh-CN']), 'Windows 上的 Firefox，2001:db8::1')
  assert.equal(deviceName({}, catalogues['zh-CN']), '')
})

test('of a user agent a mail has only words of ours', () => {
  const named = (userAgent: string | null, ip: string | null = null) =>
    deviceName(devicePartsOf({ userAgent, ip }), english)

  for (const [userAgent, name] of [
    ['Mozilla/5.0 (Windows NT 10.0; rv:132.0) Gecko/20100101 Firefox/132.0', 'Firefox on Windows'],
    ['Mozilla/5.0 (Windows NT 10.0) Chrome/131.0 Safari/537.36 Edg/131.0', 'Edge on Windows'],
    ['Mozilla/5.0 (Linux; Android 15) Chrome/131.0 Mobile Safari/537.36', 'Chrome on Android'],
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Safari/604.1', 'Safari on iPhone'],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Safari/605.1.15', 'Safari on macOS'],
    ['curl/8.5.0', 'curl'],
    ['okhttp/4.12.0', 'Android'],
    ['visit www.evil.example now', ''],
  ] as const) {
    assert.equal(named(userAgent), name)
  }
  assert.equal(named(null, '192.0.2.1'), '192.0.2.1')
  fc.assert(
    fc.property(fc.string({ maxLength: 255 }), (userAgent) => {
      assert.match(named(userAgent), /^[A-Za-z ]{0,40}$/)
    }),
  )
})

/** A folder of templates. */
function folderOf(t: TestContext, files: Record<string, string>): string {
  const folder = join(scratchDirectory(t), 'templates')
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  return folder
}

test('a template of an operator takes the place of one mail, with values that are escaped in HTML', (t) => {
  const folder = folderOf(t, {
    'sign_in.txt':
      'Subject: Hello from {{site}}\r\n\r\nYour code: {{ code }}\r\n\r\n<b>Bye</b>\r\n',
    'new_device.txt': 'Subject: Somebody\n\nFrom {{device}}',
    'new_device.html': '<p title="{{device}}">{{when}}</p>',
    '.notes': 'passed over',
  })
  const evil = '"><b>{{code}} $& $1'

  const { common } = readTemplates(folder)
  const own = common.get('sign_in')?.(VALUES, 'en')
  const device = common.get('new_device')?.({ ...VALUES, device: evil }, 'en')

  assert.deepEqual([...common.keys()].sort(), ['new_device', 'sign_in'])
  assert.equal(own?.subject, 'Hello from auth.example.org')
  assert.equal(own?.text, 'Your code: 1234 5678\n\n<b>Bye</b>\n')
  assert.match(own?.html ?? '', /<p>Your code: 1234 5678<\/p>\n<p>&lt;b&gt;Bye&lt;\/b&gt;<\/p>/)
  assert.equal(device?.text, `From ${evil}\n`)
  assert.equal(device?.html, `<p title="&quot;&gt;&lt;b&gt;{{code}} $&amp; $1">${VALUES.when}</p>`)
})

test('a template in the folder of a language is for this language, all others are for the rest', (t) => {
  const folder = folderOf(t, {
    'sign_in.txt': 'Subject: Hello\n\n{{code}}',
    'test.txt': 'Subject: Test\n\nIt is {{when}}',
    'zh-CN/sign_in.txt': 'Subject: 您好\n\n验证码：{{code}}',
    'zh-CN/sign_in.html': '<html lang="zh-CN"><p>{{code}}</p></html>',
    'zh-CN/.notes': 'passed over',
    '.old/sign_in.txt': 'passed over',
  })

  const { common, byLanguage } = readTemplates(folder)

  assert.deepEqual([...common.keys()].sort(), ['sign_in', 'test'])
  assert.deepEqual([...byLanguage.keys()], ['zh-CN'])
  assert.deepEqual([...(byLanguage.get('zh-CN')?.keys() ?? [])], ['sign_in'])
  assert.deepEqual(byLanguage.get('zh-CN')?.get('sign_in')?.(VALUES, 'zh-CN'), {
    subject: '您好',
    text: '验证码：1234 5678\n',
    html: '<html lang="zh-CN"><p>1234 5678</p></html>',
  })
  assert.match(common.get('sign_in')?.(VALUES, 'en').html ?? '', /<html lang="en">/)
})

for (const [title, files, message] of [
  ['an unknown mail', { 'welcome.txt': 'x' }, /welcome\.txt is not a template/],
  ['another kind of file', { 'sign_in.md': 'x' }, /sign_in\.md is not a template/],
  ['HTML alone', { 'sign_in.html': '{{code}}' }, /sign_in\.html needs sign_in\.txt/],
  ['no subject', { 'sign_in.txt': 'Your code: {{code}}' }, /must begin with "Subject: …"/],
  ['no text', { 'sign_in.txt': 'Subject: x\n\n' }, /must begin with "Subject: …"/],
  ['a code in the subject', { 'sign_in.txt': 'Subject: {{code}}\n\n{{code}}' }, /in its subject/],
  [
    'an unknown slot',
    { 'sign_in.txt': 'Subject: x\n\n{{code}} {{link}}' },
    /has \{\{link\}\}; this mail has site, code, until/,
  ],
  ['half a slot', { 'sign_in.txt': 'Subject: x\n\n{{code}} {{ until' }, /belong to no slot/],
  ['neither code nor link', { 'verify_email.txt': 'Subject: x\n\nHello' }, /leads nowhere/],
  [
    'HTML without the code',
    { 'sign_in.txt': 'Subject: x\n\n{{code}}', 'sign_in.html': '<p>' },
    /sign_in\.html has neither/,
  ],
  [
    'a folder of no language',
    { 'klingon/sign_in.txt': 'Subject: x\n\n{{code}}' },
    /the folder klingon is not named by a language of this server \(en, zh-CN\)/,
  ],
  [
    'a tag in another spelling',
    { 'zh-cn/sign_in.txt': 'Subject: x\n\n{{code}}' },
    /the folder zh-cn is not named by a language of this server/,
  ],
  [
    'an unknown mail of a language',
    { 'zh-CN/welcome.txt': 'x' },
    /zh-CN\/welcome\.txt is not a template/,
  ],
  ['HTML alone of a language', { 'zh-CN/test.html': 'x' }, /needs zh-CN\/test\.txt beside it/],
  ['a folder in a folder', { 'zh-CN/en/test.txt': 'x' }, /zh-CN\/en is a folder, not a template/],
  ['a book', { 'test.txt': `Subject: x\n\n${'x'.repeat(70_000)}` }, /longer than 65536/],
] as const) {
  test(`a start with templates that are wrong is refused by file and fix: ${title}`, (t) => {
    const folder = folderOf(t, files)

    assert.throws(
      () => readTemplates(folder),
      (error: Error) => {
        assert.match(error.message, /^MAIL_TEMPLATES: /)
        assert.match(error.message, message)
        return true
      },
    )
  })
}

test('a folder that is not there stops the start', () => {
  assert.throws(
    () => readTemplates('/no/such/folder'),
    /^Error: MAIL_TEMPLATES: the folder cannot be read: ENOENT/,
  )
})
