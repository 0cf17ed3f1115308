import { texts } from './en'

export default texts({
  'opening.failed': 'No se pudo abrir este documento',
  expiring:
    'Su acceso termina en un minuto. Para seguir escribiendo, vuelva a cargar la página que contiene este documento.',
  expired:
    'Su acceso ha caducado. Lo que ha escrito se conserva aquí y se guardará cuando la página que contiene este documento le deje entrar de nuevo.',
  'token.expired':
    'La página que contiene este documento inició su sesión hace demasiado tiempo. Vuelva a cargarla.',
  'token.invalid':
    'La página que contiene este documento no pudo iniciar su sesión: su token no es válido.',
  'token.origin':
    'La página que contiene este documento no pudo iniciar su sesión: su token no es para {origin}.',
  'token.busy':
    'No se puede contactar con el servidor o está ocupado. Inténtelo de nuevo dentro de un rato.',
})
