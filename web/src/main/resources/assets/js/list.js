// Lists: filters apply as they change; the bulk bar counts what is selected.
export function start(form) {
  for (const select of form.querySelectorAll('select')) {
    select.addEventListener('change', () => form.requestSubmit())
  }
  const bulk = document.getElementById('bulk-form')
  if (!bulk) return
  const bar = bulk.querySelector('.bulk')
  const boxes = () => [...bulk.querySelectorAll('input[name="w"]')]
  const count = () => {
    const chosen = boxes().filter((box) => box.checked).length
    const all = bulk.querySelector('[data-all]')
    all.checked = chosen > 0 && chosen === boxes().length
    all.indeterminate = chosen > 0 && chosen < boxes().length
    if (!bar) return
    bar.querySelector('#selection').textContent = chosen ? `${chosen} selected` : 'Select workloads to act on several.'
    for (const button of bar.querySelectorAll('button')) button.disabled = chosen === 0
  }
  bulk.addEventListener('change', (event) => {
    if (event.target.matches('[data-all]')) {
      for (const box of boxes()) box.checked = event.target.checked
    }
    count()
  })
  bulk.addEventListener('reset', () => setTimeout(count))
  document.addEventListener('htmx:after:swap', count)
  count()
}
