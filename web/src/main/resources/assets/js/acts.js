// What buttons do besides posting: copy, open a confirmation, dismiss.
const acts = {
  copy: async (button) => {
    const text = button.closest('.code').querySelector('code').innerText
    const word = button.querySelector('span')
    const before = word.textContent
    try {
      await navigator.clipboard.writeText(text)
      word.textContent = 'Copied'
    } catch {
      getSelection().selectAllChildren(button.closest('.code').querySelector('code'))
      word.textContent = 'Selected'
    }
    setTimeout(() => (word.textContent = before), 2000)
  },
  keys: () => document.getElementById('keys').showModal(),
  reconnect: () => document.dispatchEvent(new Event('reconnect')),
  cancel: (link, event) => {
    const dialog = link.closest('dialog')
    if (!dialog?.matches(':modal')) return
    event.preventDefault()
    dialog.close()
  },
}

export function listenForActs() {
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-act]')
    if (button) acts[button.dataset.act]?.(button, event)
  })
  // Only what loses data asks for the name; the button stays off until it is typed.
  document.addEventListener('input', (event) => {
    const { target } = event
    if (!target.dataset.typeToConfirm) return
    const button = target.closest('form').querySelector('[type="submit"].danger')
    button.disabled = target.value !== target.dataset.typeToConfirm
  })
}

// Without scripts a confirmation is part of the page; with them it is in front of it.
export function openConfirmation() {
  const dialog = document.getElementById('confirm')
  if (!(dialog instanceof HTMLDialogElement) || dialog.matches(':modal')) return
  dialog.removeAttribute('open')
  dialog.classList.remove('static')
  const input = dialog.querySelector('[data-type-to-confirm]')
  if (input) dialog.querySelector('[type="submit"].danger').disabled = true
  dialog.showModal()
  dialog.addEventListener('close', () => {
    const address = new URL(location.href)
    address.searchParams.delete('confirm')
    history.replaceState(null, '', address)
  })
}
