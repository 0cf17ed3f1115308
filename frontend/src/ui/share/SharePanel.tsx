import './share.css'
import { useEffect, useState } from 'preact/hooks'
import type { DocumentPage } from '../document/page'
import type { Access, General } from './api'
import { CopyLinks } from './CopyLinks'
import { Embed } from './Embed'
import { Links } from './Links'
import { People } from './People'
import { Sharing } from './sharing'
import { s } from './texts'

const GENERAL: readonly General[] = ['editor', 'commenter', 'viewer', 'restricted']

/** Pages keep what they know of their sharing. */
const kept = new WeakMap<DocumentPage, Sharing>()

function sharingOf(page: DocumentPage): Sharing {
  const sharing = kept.get(page) ?? new Sharing(page)
  kept.set(page, sharing)
  return sharing
}

/** Who may do what with the document, and for its owners how to change that. */
export function SharePanel({ page }: { page: DocumentPage }) {
  const [sharing] = useState(() => sharingOf(page))
  useEffect(() => void sharing.open(), [sharing])
  const access = sharing.access.value
  const isOwner = sharing.isOwner.value
  return (
    <>
      {access ? <p class="now">{sentence(access)}</p> : <p aria-busy="true">{s('loading')}</p>}
      {access && isOwner && <GeneralAccess sharing={sharing} general={access.general} />}
      {access && <CopyLinks sharing={sharing} />}
      {access && !isOwner && <p class="hint">{s('ask')}</p>}
      {access && isOwner && <People sharing={sharing} access={access} />}
      {access && isOwner && <Links sharing={sharing} />}
      {access && isOwner && (
        <Embed sharing={sharing} title={page.title.value || page.untitled.value} />
      )}
      <p class="problem" role="alert">
        {sharing.problem.value}
      </p>
    </>
  )
}

const sentence = ({ general, role }: Access) => s(`now.${general}`, { you: s(`you.${role}`) })

function GeneralAccess({ sharing, general }: { sharing: Sharing; general: General }) {
  return (
    <fieldset class="general">
      <legend>{s('general')}</legend>
      {GENERAL.map((choice) => (
        <label key={choice}>
          <input
            type="radio"
            name="general"
            checked={choice === general}
            onChange={() => void sharing.setGeneral(choice)}
          />
          <span>{s(`general.${choice}`)}</span>
        </label>
      ))}
    </fieldset>
  )
}
