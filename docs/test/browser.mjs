// Chromium, as Debian packages it, and a page of it for each test.
import { chromium } from 'playwright-core'
import { serve } from './server.mjs'

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
export const root = new URL('../..', import.meta.url)
export const vectorFile = (id) => new URL(`vectors/eml/${id}.eml`, root).pathname

// withSite runs a test's steps with a served site and a browser.
export async function withSite(run) {
  const site = await serve()
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
  try {
    await run(site, browser)
  } finally {
    await browser.close()
    await site.close()
  }
}

// open opens an address in a context of its own, waits for the verifier if
// there is one, and fails the test on any error of the page's own.
export async function open(browser, url, options = {}) {
  const { width = 1280, height = 900, dark = false, locale, serviceWorkers = 'block', verifier = true } = options
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: dark ? 'dark' : 'light', locale, serviceWorkers, reducedMotion: 'reduce' })
  const page = await context.newPage()
  page.errors = []
  page.on('pageerror', (error) => page.errors.push(String(error)))
  page.on('console', (message) => { if (message.type() === 'error') page.errors.push(message.text()) })
  await page.goto(url)
  if (verifier) await page.waitForFunction(() => document.documentElement.dataset.verifier === 'ready', null, { timeout: 30_000 })
  return page
}

// drop hands files to the page and waits until all of them have an outcome.
export async function drop(page, files) {
  const before = await page.locator('.message').count()
  await page.setInputFiles('#files', files)
  await page.waitForFunction((n) => document.querySelectorAll('.message').length > n && document.getElementById('work').hidden, before, { timeout: 60_000 })
}
