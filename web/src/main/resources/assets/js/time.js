// Times in the reader's zone; ages that count on. The server's clock rules, the browser's may be wrong.
const served = Date.parse(document.querySelector('meta[name="server-time"]')?.content ?? '') || Date.now()
const loaded = performance.now()

export const now = () => served + (performance.now() - loaded)

const clock = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23',
})
const day = new Intl.DateTimeFormat('sv', { year: 'numeric', month: '2-digit', day: '2-digit' })

export function localise(root) {
  const today = day.format(now())
  for (const element of root.querySelectorAll('time[datetime]:not([data-age])')) {
    const moment = new Date(element.dateTime)
    if (Number.isNaN(moment.getTime())) continue
    const date = day.format(moment)
    const text = date === today ? clock.format(moment) : `${date} ${clock.format(moment).slice(0, 5)}`
    if (element.textContent !== text) element.textContent = text
    element.title = element.dateTime
  }
  ages(root)
}

export function countAges() {
  setInterval(() => document.hidden || ages(document), 1000)
}

function ages(root) {
  for (const element of root.querySelectorAll('time[data-age]')) {
    const age = now() - Date.parse(element.dateTime)
    const text = span(age)
    if (element.textContent !== text) element.textContent = text
    if (element.dataset.late) element.classList.toggle('late', age > Number(element.dataset.late))
  }
}

export function span(millis) {
  const seconds = Math.max(0, millis) / 1000
  if (seconds < 10) return `${seconds.toFixed(seconds < 1 ? 1 : 0)} s`
  if (seconds < 60) return `${Math.floor(seconds)} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  return seconds < 86400 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86400)} d`
}
