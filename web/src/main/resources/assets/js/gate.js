// The setup link carries its token in the fragment, which no server and no proxy log ever sees.
const field = document.getElementById('token')
if (field && location.hash.length > 1) {
  field.value = decodeURIComponent(location.hash.slice(1).replace(/^token=/, ''))
  history.replaceState(null, '', location.pathname)
  document.getElementById('username')?.focus()
}
document.querySelector('[aria-invalid="true"]')?.focus()
