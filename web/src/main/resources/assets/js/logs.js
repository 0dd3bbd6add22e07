// Logs: hits are stepped through, new lines are appended in the same chunks of 500 that the page came with.
const CHUNK = 500
const MOST_CHUNKS = 210

export function start(panel) {
  const form = panel.querySelector('#log-filter')
  const scroll = panel.querySelector('#log-scroll')
  for (const field of form.querySelectorAll('select, input[type="checkbox"]')) {
    field.addEventListener('change', () => form.requestSubmit())
  }
  // A moment changes with every key, so it is taken when it is left.
  const moment = form.elements.at
  moment.addEventListener('blur', () => moment.value !== moment.defaultValue && form.requestSubmit())
  form.querySelector('button[type="submit"]').hidden = true
  if (!scroll) return
  stepThroughHits(panel, scroll)
  linkToLines(panel, scroll)
  const linked = document.getElementById('linked')
  if (linked) linked.scrollIntoView({ block: 'center' })
  else scroll.scrollTop = scroll.scrollHeight
  if (panel.dataset.follow) follow(panel, scroll, form)
}

function stepThroughHits(panel, scroll) {
  const steps = panel.querySelector('[data-hit-steps]')
  const marks = () => [...scroll.querySelectorAll('mark:not(.line)')]
  if (!panel.querySelector('[name="q"]').value) return
  steps.hidden = false
  let at = -1
  const step = (by) => {
    const all = marks()
    if (all.length === 0) return
    all[at]?.classList.remove('now')
    at = at < 0 && by < 0 ? all.length - 1 : (at + by + all.length) % all.length
    all[at].classList.add('now')
    all[at].scrollIntoView({ block: 'center' })
    panel.querySelector('#hits').textContent = `${at + 1} of ${all.length.toLocaleString('en')} hits`
  }
  steps.addEventListener('click', (event) => {
    const button = event.target.closest('[data-hit]')
    if (button) step(button.dataset.hit === 'next' ? 1 : -1)
  })
  document.addEventListener('keydown', (event) => {
    if (event.target.matches('input, select, textarea') || event.ctrlKey || event.metaKey) return
    if (event.key === 'n') step(1)
    if (event.key === 'N') step(-1)
  })
}

// There is no element for each line, so the line is counted from the start of its chunk.
function linkToLines(panel, scroll) {
  const link = panel.querySelector('#permalink')
  scroll.addEventListener('click', (event) => {
    const pre = event.target.closest('pre')
    const caret = document.caretPositionFromPoint?.(event.clientX, event.clientY)
    if (!pre || !caret) return
    const range = document.createRange()
    range.setStart(pre, 0)
    range.setEnd(caret.offsetNode, caret.offset)
    const line = range.toString().split('\n').length - 1
    const cursor = pre.dataset.cursors.split(' ')[line]
    if (!cursor) return
    const address = new URL(location.href)
    for (const name of ['follow', 'lines', 'only', 'at']) address.searchParams.delete(name)
    address.searchParams.set('allocation', panel.querySelector('[name="allocation"]').value)
    address.searchParams.set('from', cursor)
    link.href = address
    link.hidden = false
  })
}

function follow(panel, scroll, form) {
  const address = new URL(panel.dataset.follow, location.href)
  for (const name of ['q', 'stream']) address.searchParams.set(name, form.elements[name].value)
  if (form.elements.only.checked) address.searchParams.set('only', '1')
  if (panel.dataset.next) address.searchParams.set('from', panel.dataset.next)
  const state = panel.querySelector('#follow-state')
  const counter = panel.querySelector('#line-count')
  let lines = Number(counter.textContent.replace(/\D.*$/, '').replaceAll(',', '')) || 0
  lines = [...scroll.querySelectorAll('pre')].reduce((sum, pre) => sum + pre.dataset.cursors.split(' ').length, 0)
  const source = new EventSource(address)
  state.hidden = false
  source.addEventListener('lines', (event) => {
    const atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 60
    const holder = document.createElement('template')
    holder.innerHTML = event.data
    lines += append(scroll, holder.content)
    counter.textContent = `${lines.toLocaleString('en')} ${lines === 1 ? 'line' : 'lines'} in view, times in UTC`
    if (atEnd) scroll.scrollTop = scroll.scrollHeight
  })
  source.addEventListener('end', (event) => {
    state.querySelector('span').textContent = event.data
    source.close()
  })
  addEventListener('pagehide', () => source.close())
}

function append(scroll, content) {
  document.getElementById('log-empty')?.remove()
  let added = 0
  for (const element of [...content.children]) {
    const pre = element.querySelector('pre')
    if (!pre) {
      scroll.append(element)
      continue
    }
    const count = pre.dataset.cursors.split(' ').length
    added += count
    const last = scroll.lastElementChild?.querySelector?.('pre')
    if (last && last.dataset.cursors.split(' ').length + count <= CHUNK) {
      last.append('\n', ...pre.childNodes)
      last.dataset.cursors += ` ${pre.dataset.cursors}`
    } else {
      scroll.append(element)
    }
  }
  while (scroll.childElementCount > MOST_CHUNKS) scroll.firstElementChild.remove()
  return added
}
