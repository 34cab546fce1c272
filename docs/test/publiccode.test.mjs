// publiccode.yml against the rules of the standard, version 0.5: the keys that
// must be there, the values that they may have, the lengths of texts. On GitHub
// the parser of Developers Italia reads it as well.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse } from 'yaml'
import { root } from './browser.mjs'

const known = ['publiccodeYmlVersion', 'name', 'applicationSuite', 'url', 'landingURL', 'isBasedOn', 'softwareVersion', 'releaseDate', 'logo', 'monochromeLogo', 'organisation', 'inputTypes', 'outputTypes',
  'platforms', 'categories', 'usedBy', 'fundedBy', 'roadmap', 'developmentStatus', 'softwareType', 'intendedAudience', 'description', 'legal', 'maintenance', 'localisation', 'dependsOn', 'IT']
const ofDescription = ['localisedName', 'shortDescription', 'longDescription', 'documentation', 'apiDocumentation', 'features', 'screenshots', 'videos', 'awards']

function check(p) {
  for (const key of Object.keys(p)) assert.ok(known.includes(key), `unknown key ${key}`)
  assert.ok(['0', '0.5', '0.5.0'].includes(p.publiccodeYmlVersion), 'version, as a string')
  for (const key of ['name', 'url', 'developmentStatus', 'softwareType', 'description', 'legal', 'maintenance', 'localisation']) assert.ok(p[key], `${key} is required`)
  assert.match(p.url, /^https:\/\//)
  assert.ok(Array.isArray(p.platforms) && p.platforms.length > 0, 'platforms')
  assert.ok(['concept', 'development', 'beta', 'stable', 'obsolete'].includes(p.developmentStatus))
  assert.ok(['standalone/mobile', 'standalone/iot', 'standalone/desktop', 'standalone/web', 'standalone/backend', 'standalone/other', 'addon', 'library', 'configurationFiles'].includes(p.softwareType))
  if (p.releaseDate !== undefined) assert.match(String(p.releaseDate), /^\d{4}-\d\d-\d\d$/)
  for (const type of [...p.inputTypes ?? [], ...p.outputTypes ?? []]) assert.match(type, /^[a-z]+\/[a-z0-9.+-]+$/)
  for (const country of p.intendedAudience?.countries ?? []) assert.match(country, /^[A-Za-z]{2}$/)
  assert.ok(Object.keys(p.description).length > 0)
  for (const [language, d] of Object.entries(p.description)) {
    assert.doesNotThrow(() => new Intl.Locale(language))
    for (const key of Object.keys(d)) assert.ok(ofDescription.includes(key), `${language}: unknown or deprecated key ${key}`)
    assert.ok(d.shortDescription && [...d.shortDescription].length <= 150, `${language}: shortDescription`)
    const long = [...d.longDescription ?? ''].length
    assert.ok(long >= 150 && long <= 10_000, `${language}: longDescription has ${long} characters`)
    assert.ok(d.features?.length > 0, `${language}: features`)
    for (const url of [d.documentation, d.apiDocumentation]) if (url) assert.match(url, /^https:\/\//)
  }
  assert.ok(p.legal.license)
  assert.ok(['internal', 'contract', 'community', 'none'].includes(p.maintenance.type))
  if (p.maintenance.type === 'community' || p.maintenance.type === 'internal') {
    assert.ok(p.maintenance.contacts?.length > 0)
    for (const contact of p.maintenance.contacts) assert.ok(contact.name)
  }
  assert.equal(typeof p.localisation.localisationReady, 'boolean')
  assert.ok(p.localisation.availableLanguages?.length > 0)
}

const text = readFileSync(new URL('publiccode.yml', root), 'utf8')

test('publiccode.yml follows the standard', () => {
  const p = parse(text)
  check(p)
  assert.equal(p.legal.license, 'Apache-2.0')
  assert.match(readFileSync(new URL('LICENSE', root), 'utf8'), /Apache License\s+Version 2\.0/)
  for (const d of Object.values(p.description)) { // what it points to in the repository is there
    assert.ok(existsSync(new URL(d.documentation.replace(/^.*\/tree\/main\//, ''), root)))
  }
})

test('the check finds what is wrong', () => {
  for (const change of [
    (p) => { delete p.name }, (p) => { p.publiccodeYmlVersion = 0.5 }, (p) => { p.developmentStatus = 'ready' }, (p) => { p.description.it.longDescription = 'breve' },
    (p) => { p.description.en.shortDescription = 'x'.repeat(151) }, (p) => { p.maintenance.contacts = [] }, (p) => { p.riuso = {} }, (p) => { p.description.it.genericName = 'x' },
    (p) => { p.platforms = [] }, (p) => { p.localisation.localisationReady = 'yes' },
  ]) {
    const p = parse(text)
    change(p)
    assert.throws(() => check(p), undefined, String(change))
  }
})

test('the files of .github can be read, and CI there is .ci/run', () => {
  for (const name of ['workflows/ci', 'workflows/release', 'workflows/publiccode', 'ISSUE_TEMPLATE/config', 'ISSUE_TEMPLATE/wrong-verdict', 'ISSUE_TEMPLATE/defect', 'ISSUE_TEMPLATE/idea']) {
    assert.ok(parse(readFileSync(new URL(`.github/${name}.yml`, root), 'utf8')), name)
  }
  const ci = parse(readFileSync(new URL('.github/workflows/ci.yml', root), 'utf8'))
  assert.ok(ci.jobs.ci.steps.some((s) => s.run === '.ci/run'))
})
