// Every page: what is live, what is pressed, and the page's own module if it has one.
import { connect, keepWhatReadersChanged } from './live.js'
import { localise, countAges } from './time.js'
import { listenForKeys } from './keys.js'
import { listenForActs, openConfirmation } from './acts.js'

const own = { launch: './launch.js', logs: './logs.js', terminal: './terminal.js', list: './list.js', images: './images.js', replay: './replay.js' }

keepWhatReadersChanged()
localise(document)
countAges()
listenForKeys()
listenForActs()
openConfirmation()
connect()

document.addEventListener('htmx:after:swap', () => {
  localise(document)
  openConfirmation()
})
document.querySelector('[aria-invalid="true"]')?.focus()

for (const element of document.querySelectorAll('[data-module]')) {
  const module = await import(own[element.dataset.module])
  module.start(element)
}
