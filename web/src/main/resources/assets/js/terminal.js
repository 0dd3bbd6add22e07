// The terminal: xterm over a WebSocket. Binary messages are a type byte and its payload, the same numbers as to the node;
// text is JSON: under which id to come back, when the replay is over, why nothing follows.
import { makeScreen } from './screen.js'

const STDIN = 0, STDOUT = 1, STDERR = 2, RESIZE = 3, EXIT = 4
const DONE = 1000, NO_ACCESS = 1008, SENTENCES = 4000
const GRACE = 60_000, RETRY = 1_000

export async function start(element) {
  if (element.dataset.over) return
  const [terminal, { FitAddon }, { SearchAddon }] = await Promise.all([
    makeScreen(element, { cursorBlink: !matchMedia('(prefers-reduced-motion: reduce)').matches }),
    import('../vendor/xterm-addon-fit.js'),
    import('../vendor/xterm-addon-search.js'),
  ])
  const fit = new FitAddon()
  const search = new SearchAddon()
  terminal.loadAddon(fit)
  terminal.loadAddon(search)
  fit.fit()
  talk(element, terminal, fit)
  offerSearch(element, terminal, search)
}

function talk(element, terminal, fit) {
  const state = stateOf(element)
  const encoder = new TextEncoder()
  let session = element.dataset.session
  let socket
  let ended = false
  // Until what was said before is shown again, nothing is sent: xterm would answer old questions to the shell.
  let live = false
  let lostAt = 0

  const connect = () => {
    socket = new WebSocket(address(element, terminal, session))
    socket.binaryType = 'arraybuffer'
    socket.onmessage = ({ data }) => (typeof data === 'string' ? told(JSON.parse(data)) : shown(new Uint8Array(data)))
    socket.onclose = closed
  }

  const told = (message) => {
    if (message.session) {
      session = message.session
      live = false
      lostAt = 0
      terminal.write('\x1bc')
      keepInAddress(session)
    } else if (message.live) {
      terminal.write('', () => {
        if (ended) return
        live = true
        resize()
        state('running', element.dataset.mode === 'attach' ? 'Attached' : 'Connected')
        terminal.focus()
      })
    } else if (message.sentence) {
      terminal.write(`\r\n\x1b[31m${message.sentence.replace(/[\x00-\x1f]/g, ' ')}\x1b[0m\r\n`)
    }
  }

  const shown = (frame) => {
    if (frame[0] === STDOUT || frame[0] === STDERR) {
      terminal.write(frame.subarray(1))
    } else if (frame[0] === EXIT) {
      const code = new DataView(frame.buffer).getInt32(1)
      end(code === 0 ? 'completed' : 'failed', code < 0 ? 'Ended, exit code unknown' : `Ended with exit code ${code}`)
      socket.close(DONE)
    }
  }

  const closed = ({ code, reason }) => {
    if (ended) return
    lostAt ||= Date.now()
    const final = code === DONE || code === NO_ACCESS || code >= SENTENCES
    if (final || !session || Date.now() - lostAt > GRACE) {
      end('lost', reason || 'Disconnected')
    } else {
      live = false
      state('stale', 'Connection lost, trying again')
      setTimeout(connect, RETRY)
    }
  }

  const end = (status, word) => {
    ended = true
    state(status, word)
    keepInAddress(null)
    terminal.options.disableStdin = true
    terminal.options.cursorBlink = false
  }

  const send = (type, payload) => {
    if (!live || socket.readyState !== WebSocket.OPEN) return
    const frame = new Uint8Array(payload.length + 1)
    frame[0] = type
    frame.set(payload, 1)
    socket.send(frame)
  }
  const resize = () => {
    const size = new DataView(new ArrayBuffer(4))
    size.setUint16(0, terminal.cols)
    size.setUint16(2, terminal.rows)
    send(RESIZE, new Uint8Array(size.buffer))
  }
  terminal.onData((text) => send(STDIN, encoder.encode(text)))
  terminal.onBinary((text) => send(STDIN, Uint8Array.from(text, (c) => c.charCodeAt(0))))
  terminal.onResize(resize)
  new ResizeObserver(() => fit.fit()).observe(element)
  addEventListener('beforeunload', (event) => {
    if (!ended && session) event.preventDefault()
  })
  // The form starts another command on purpose: that is no leaving by mistake, and nobody comes back to this one.
  element.querySelector('form').addEventListener('submit', () => {
    ended = true
    socket.close(DONE)
  })
  connect()
}

function address(element, terminal, session) {
  const address = new URL(element.dataset.socket, location.href)
  address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:'
  if (session) {
    address.searchParams.set('session', session)
    return address
  }
  address.searchParams.set('mode', element.dataset.mode)
  address.searchParams.set('columns', terminal.cols)
  address.searchParams.set('rows', terminal.rows)
  for (const name of ['command', 'user']) {
    const value = element.querySelector(`[name="${name}"]`)?.value
    if (value) address.searchParams.set(name, value)
  }
  return address
}

// A reloaded page finds its terminal by its address.
function keepInAddress(session) {
  const page = new URL(location.href)
  if (session) page.searchParams.set('session', session)
  else page.searchParams.delete('session')
  history.replaceState(history.state, '', page)
}

function stateOf(element) {
  const state = element.querySelector('#terminal-state')
  return (status, word) => {
    state.dataset.status = status
    const use = state.querySelector('use')
    use.setAttribute('href', use.getAttribute('href').replace(/#.*/, `#s-${status}`))
    state.lastChild.textContent = word
  }
}

function offerSearch(element, terminal, search) {
  const button = element.querySelector('[data-find]')
  button.hidden = false
  let last = ''
  const find = () => {
    const text = prompt('Find in the terminal', last)
    if (text) search.findNext((last = text))
    terminal.focus()
  }
  button.addEventListener('click', find)
  terminal.attachCustomKeyEventHandler((event) => {
    if (event.type === 'keydown' && event.ctrlKey && event.shiftKey && event.key === 'F') {
      find()
      return false
    }
    return true
  })
}
