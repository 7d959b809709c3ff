// Loads the packages of the tests, beside which it lies as a copy: see bundle-for-tests.mjs.
const { existsSync, readFileSync, writeFileSync } = require('node:fs')
const { join } = require('node:path')
const { constants, Script } = require('node:vm')

const filename = join(__dirname, 'packages.cjs')
const compiled = join(__dirname, 'packages.compiled')
const script = new Script(
  `(function (exports, require, module, __filename, __dirname) {${readFileSync(filename, 'utf8')}\n})`,
  {
    filename,
    // Of another version of Node, it is left alone.
    cachedData: existsSync(compiled) ? readFileSync(compiled) : undefined,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  },
)
script.runInThisContext()(exports, require, module, filename, __dirname)

if (process.env.KEEP_COMPILED === '1') {
  process.once('exit', () => writeFileSync(compiled, script.createCachedData()))
}
