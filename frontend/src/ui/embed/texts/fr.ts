import { texts } from './en'

export default texts({
  'opening.failed': 'Ce document n’a pas pu être ouvert',
  expiring:
    'Votre accès se termine dans une minute. Pour continuer à écrire, rechargez la page qui contient ce document.',
  expired:
    'Votre accès a expiré. Ce que vous avez écrit est gardé ici et sera enregistré dès que la page qui contient ce document vous laissera entrer de nouveau.',
  'token.expired':
    'La page qui contient ce document vous a connecté il y a trop longtemps. Rechargez-la.',
  'token.invalid':
    'La page qui contient ce document n’a pas pu vous connecter : son jeton n’est pas valable.',
  'token.origin':
    'La page qui contient ce document n’a pas pu vous connecter : son jeton n’est pas pour {origin}.',
  'token.busy': 'Le serveur est injoignable ou occupé. Réessayez dans un moment.',
})
