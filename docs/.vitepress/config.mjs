import { defineConfig } from 'vitepress'

// The pages in Italian are at the root of the site, those in English under
// /en/. English pages that other parts of the repository name lie in docs/ and
// docs/decisions/; docs/generate writes pages that include them.

// The verify page is no page of this site but one of its own, without inline
// scripts, under a strict policy: the router must leave it to the browser.
const verify = (text, link) => ({ text, link, target: '_self' })

const item = ([text, link]) => ({ text, link })

const it = [
  { text: 'Capire', items: [['Che cosa prova una PEC', '/messaggio'], ['Fiducia e tempo', '/fiducia'], ['Come fanno i gestori', '/gestori']].map(item) },
  { text: 'Usare', items: [['Primi passi', '/primi-passi'], ['Verificare un messaggio', '/un-messaggio'], ['Leggere una casella', '/caselle'], ['Ricevute e fascicolo', '/ricevute'], ['Prove che durano', '/prove-che-durano'], ['Il comando', '/comando']].map(item) },
  { text: 'Programmare', items: [['Il circuito in una scatola', '/circuito'], ['IPA, INI-PEC, INAD', '/registri'], ['Vettori di prova', '/vettori'], ['Il JSON', '/formato-json']].map(item) },
  { text: 'Consultare', items: [['Esiti', '/esiti'], ['Verifiche', '/verifiche'], ['Conformità', '/conformita'], ['Limiti e velocità', '/limiti']].map(item) },
  { text: 'Progetto', items: [['Decisioni (in inglese)', '/en/decisions/'], ['Sicurezza', '/sicurezza'], ['Contribuire', '/contribuire']].map(item) },
]

const en = [
  { text: 'Understand', items: [['What a PEC message proves', '/en/message'], ['Trust and time', '/en/trust'], ['Habits of providers', '/en/providers']].map(item) },
  { text: 'Use', items: [['First steps', '/en/first-steps'], ['Verify one message', '/en/one-message'], ['Read a mailbox', '/en/mailbox'], ['Receipts and dossier', '/en/receipts'], ['Evidence that lasts', '/en/evidence'], ['The command', '/en/command']].map(item) },
  { text: 'Program', items: [['The circuit in a box', '/en/circuit'], ['IPA, INI-PEC, INAD', '/en/registries'], ['Test vectors', '/en/vectors'], ['The JSON', '/en/json']].map(item) },
  {
    text: 'Look up',
    items: [['Verdicts', '/en/verdicts'], ['Checks', '/en/checks'], ['Conformance', '/en/conformance'], ['The dossier', '/en/dossier'], ['Limits', '/en/limits'], ['Speed', '/en/speed']].map(item),
  },
  { text: 'Project', items: [['Decisions', '/en/decisions/'], ['Security', '/en/security'], ['Contributing', '/en/contributing']].map(item) },
]

const searchIt = {
  translations: {
    button: { buttonText: 'Cerca', buttonAriaLabel: 'Cerca' },
    modal: {
      displayDetails: 'Mostra i dettagli', resetButtonTitle: 'Cancella la ricerca', backButtonTitle: 'Chiudi la ricerca', noResultsText: 'Nessun risultato per',
      footer: { selectText: 'scegliere', navigateText: 'spostarsi', closeText: 'chiudere' },
    },
  },
}

export default defineConfig({
  title: 'gopec',
  base: process.env.DOCS_BASE ?? '/',
  cleanUrls: true,
  srcExclude: ['*.md', 'decisions/**', 'test/**', 'wasm/**', 'scripts/**', 'generated/**', 'generate/**', 'public/**'],
  rewrites: {
    'it/:page': ':page',
    'en/from/decisions/:page': 'en/decisions/:page',
    'en/from/:page': 'en/:page',
  },
  ignoreDeadLinks: [/^\/verifica\//, /^\/en\/verify\//],
  head: [['link', { rel: 'icon', type: 'image/svg+xml', href: `${process.env.DOCS_BASE ?? '/'}logo.svg` }]],
  locales: {
    root: {
      label: 'Italiano', lang: 'it', description: 'PEC: leggere, verificare, provare. Libreria Go e comando pecverify.',
      themeConfig: {
        nav: [verify('Verifica un messaggio', '/verifica/'), { text: 'Primi passi', link: '/primi-passi' }],
        sidebar: it,
        outline: { label: 'In questa pagina' }, docFooter: { prev: 'Prima', next: 'Dopo' },
        darkModeSwitchLabel: 'Aspetto', lightModeSwitchTitle: 'Tema chiaro', darkModeSwitchTitle: 'Tema scuro',
        sidebarMenuLabel: 'Menu', returnToTopLabel: 'Torna su', langMenuLabel: 'Lingua', skipToContentLabel: 'Vai al contenuto',
        notFound: { title: 'Pagina inesistente', quote: 'L\'indirizzo non porta a nessuna pagina.', linkText: 'Alla pagina iniziale', linkLabel: 'alla pagina iniziale' },
      },
    },
    en: {
      label: 'English', lang: 'en', description: 'PEC, Italian certified e-mail: read, verify, prove. Go library and command pecverify.',
      themeConfig: {
        nav: [verify('Verify a message', '/en/verify/'), { text: 'First steps', link: '/en/first-steps' }],
        sidebar: en,
      },
    },
  },
  themeConfig: {
    logo: '/logo.svg',
    search: { provider: 'local', options: { locales: { root: searchIt } } },
    i18nRouting: false, // pages have names in their own language
  },
  vite: {
    plugins: [{
      // As every host of static files does: a folder stands for its index.
      name: 'folders-of-public',
      configureServer(server) {
        server.middlewares.use((request, response, next) => {
          const path = request.url.split('?')[0]
          if (/\/(verifica|en\/verify)\/?$/.test(path)) request.url = `${path.replace(/\/$/, '')}/index.html`
          next()
        })
      },
    }],
  },
})
