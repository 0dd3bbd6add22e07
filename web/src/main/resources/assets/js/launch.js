// Launch: the last row of ports and variables is always empty, so there is one to fill in. The plan follows by htmx.
export function start(form) {
  for (const button of form.querySelectorAll('[data-without-scripts]')) button.hidden = true
  form.addEventListener('input', (event) => {
    const rows = event.target.closest('[data-rows]')
    if (rows) grow(rows)
  })
  // The form posts by itself; only typing is htmx's.
  form.addEventListener('submit', () => {
    const button = form.querySelector('#launch-button')
    setTimeout(() => { button.disabled = true })
  })
}

function grow(rows) {
  const last = rows.querySelector('[data-row]:last-of-type')
  const empty = [...last.querySelectorAll('input')].every((input) => input.value === '')
  if (empty || rows.childElementCount >= 40) return
  const next = last.cloneNode(true)
  for (const input of next.querySelectorAll('input')) input.value = ''
  for (const field of next.querySelectorAll('[aria-label]')) {
    field.setAttribute('aria-label', field.getAttribute('aria-label').replace(/\d+/, (n) => Number(n) + 1))
  }
  rows.append(next)
}
