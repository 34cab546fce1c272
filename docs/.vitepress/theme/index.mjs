import DefaultTheme from 'vitepress/theme'
import Flow from './Flow.vue'
import Layers from './Layers.vue'
import './style.css'

export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.component('Flow', Flow)
    app.component('Layers', Layers)
  },
}
