// Replay of a recorded terminal (asciicast v2): what it showed, when it did, at any speed, from any moment.
import { makeScreen } from './screen.js'

const LONG_PAUSE = 2
// By the stream and not by a call, which would overtake what waits to be shown.
const RESET = '\x1bc'

export async function start(element) {
  const part = (name) => element.querySelector(`[data-${name}]`)
  const state = part('state')
  const answer = await fetch(element.dataset.cast)
  if (!answer.ok) {
    state.textContent = 'The recording cannot be read.'
    return
  }
  const lines = (await answer.text()).split('\n').filter(Boolean).map((line) => JSON.parse(line))
  const [header, ...recorded] = lines
  if (!header) {
    state.textContent = 'The recording is empty.'
    return
  }
  const terminal = await makeScreen(element, { cols: header.width, rows: header.height, disableStdin: true, scrollback: 0 })
  const player = new Player(terminal, header, recorded)
  const [play, seek, speed, skip, time] = ['play', 'seek', 'speed', 'skip', 'time'].map(part)

  const show = () => {
    seek.max = player.length
    seek.value = player.position
    const words = `${clock(player.position)} of ${clock(player.length)}`
    seek.setAttribute('aria-valuetext', words)
    time.textContent = words
    play.dataset.playing = player.playing
    play.lastElementChild.textContent = player.playing ? 'Pause' : 'Play'
    const use = play.querySelector('use')
    use.setAttribute('href', use.getAttribute('href').replace(/#.*/, player.playing ? '#i-pause' : '#i-play'))
    state.textContent = player.playing ? '' : player.position < player.length ? 'Paused.' : 'The end.'
  }
  let before = 0
  const frame = (now) => {
    if (!player.playing) return
    player.goTo(player.position + ((now - before) / 1000) * Number(speed.value))
    before = now
    if (player.position >= player.length) player.playing = false
    show()
    requestAnimationFrame(frame)
  }
  play.addEventListener('click', () => {
    player.playing = !player.playing
    if (player.playing && player.position >= player.length) player.goTo(0)
    before = performance.now()
    if (player.playing) requestAnimationFrame(frame)
    show()
  })
  seek.addEventListener('input', () => {
    player.goTo(Number(seek.value))
    show()
  })
  skip.addEventListener('change', () => {
    player.time(skip.checked)
    show()
  })
  for (const control of [play, seek, speed, skip]) control.disabled = false
  player.time(skip.checked)
  show()
}

class Player {
  position = 0
  length = 0
  playing = false
  #next = 0

  constructor(terminal, header, recorded) {
    this.terminal = terminal
    this.header = header
    this.recorded = recorded
    this.at = []
  }

  // When each event is shown: as it was, or with long pauses made short. Goes on from the same event.
  time(shortened) {
    let shown = 0
    let last = 0
    this.at = this.recorded.map(([moment]) => {
      const pause = moment - last
      last = moment
      return (shown += shortened ? Math.min(pause, LONG_PAUSE) : pause)
    })
    this.length = shown
    this.position = this.#next === 0 ? 0 : this.at[this.#next - 1]
  }

  goTo(moment) {
    const target = Math.min(Math.max(moment, 0), this.length)
    if (target < this.position) {
      this.terminal.write(RESET, () => this.terminal.resize(this.header.width, this.header.height))
      this.#next = 0
    }
    this.position = target
    let text = ''
    for (; this.#next < this.recorded.length && this.at[this.#next] <= target; this.#next++) {
      const [, kind, data] = this.recorded[this.#next]
      if (kind === 'o') text += data
      else if (kind === 'm') text += `\r\n\x1b[33m[${data}]\x1b[0m\r\n`
      else if (kind === 'r') {
        const [columns, rows] = data.split('x').map(Number)
        const before = text
        text = ''
        // Written first, since what is written waits and a new size does not.
        this.terminal.write(before, () => this.terminal.resize(columns, rows))
      }
    }
    if (text) this.terminal.write(text)
  }
}

function clock(seconds) {
  const whole = Math.floor(seconds)
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}
