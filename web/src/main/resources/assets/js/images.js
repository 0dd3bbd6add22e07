// Import: the archive goes to the API as it is, with the progress that only the browser knows.
export function start(form) {
  const progress = form.querySelector('progress')
  const outcome = form.querySelector('[data-outcome]')
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const file = form.elements.archive.files[0]
    if (!file) return
    const button = form.querySelector('[type="submit"]')
    const request = new XMLHttpRequest()
    request.open('POST', `${form.dataset.to}?name=${encodeURIComponent(form.elements.name.value)}`)
    request.setRequestHeader('Content-Type', 'application/octet-stream')
    request.setRequestHeader('X-CSRF-Token', document.querySelector('meta[name="csrf"]').content)
    request.upload.onprogress = ({ loaded, total }) => {
      progress.value = total ? loaded / total : 0
      outcome.textContent = loaded === total ? 'Reading the archive' : `${Math.floor((100 * loaded) / total)}% sent`
    }
    request.onload = () => {
      button.disabled = false
      if (request.status === 201) {
        location.assign('/images')
        return
      }
      progress.hidden = true
      say(form, outcome, problem(request))
    }
    request.onerror = () => {
      button.disabled = false
      progress.hidden = true
      say(form, outcome, 'The connection was lost before the archive was there. Nothing was imported.')
    }
    button.disabled = true
    progress.hidden = false
    outcome.textContent = ''
    request.send(file)
  })
}

function problem(request) {
  try {
    return JSON.parse(request.responseText).detail
  } catch {
    return `The control plane answered ${request.status}.`
  }
}

function say(form, outcome, text) {
  outcome.innerHTML = '<span class="error"></span>'
  outcome.firstElementChild.textContent = text
}
