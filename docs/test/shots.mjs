// Takes pictures of the pages for people to look at: docs/test/shots.
//
//	node docs/test/shots.mjs
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { open, withSite } from './browser.mjs'

const folder = fileURLToPath(new URL('shots/', import.meta.url))
mkdirSync(folder, { recursive: true })

await withSite(async (site, browser) => {
  for (const [size, width, height] of [['wide', 1280, 900], ['phone', 390, 844]]) {
    for (const dark of [false, true]) {
      const options = { width, height, dark }
      const name = (page) => `${folder}${page}-${size}-${dark ? 'dark' : 'light'}.png`
      for (const [file, path] of [['home', ''], ['message', 'messaggio'], ['checks', 'en/checks']]) {
        const page = await open(browser, site.url + path, { ...options, verifier: false })
        await page.waitForTimeout(300)
        await page.screenshot({ path: name(file), fullPage: file === 'message' })
      }
      for (const sample of ['kind-delivery-complete', 'changed-outcome']) {
        const page = await open(browser, `${site.url}${dark ? 'en/verify' : 'verifica'}/`, options)
        await page.locator(`[data-sample="${sample}"]`).click()
        await page.waitForSelector('.outcome')
        await page.screenshot({ path: name(`verify-${sample}`), fullPage: true })
      }
    }
  }
})
