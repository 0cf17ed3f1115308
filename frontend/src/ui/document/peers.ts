import { computed, signal } from '@preact/signals'
import type { Editor } from '../../editor/editor'
import { t } from '../../i18n'
import type { SyncedDocument } from '../../sync/document'
import type { Peer } from '../../sync/presence'
import { settings } from '../settings/settings'
import { placeOf } from './place'

/** People whose carets are drawn in each frame, and the time between drawings where there are more, in ms. */
const FEW = 4
const CROWD_REST = 100

interface Place {
  editor(): Editor | null
  document(): SyncedDocument
}

/** The others who are here, as the page shows them. */
export class Peers {
  readonly all = signal<readonly Peer[]>([])
  /** Those whom the user wants to see. */
  readonly shown = computed(() =>
    this.all.value.filter(({ reads }) => !(reads && settings.value.hideReaders)),
  )
  /** The one whose caret the view goes along with. */
  readonly following = signal<string | null>(null)
  private redrawPlanned = false
  private drawnAt = 0
  /** When the followed one last moved, as far as the view has gone along. */
  private followedAt = 0

  constructor(private readonly place: Place) {}

  /** Brings somebody's caret into view. */
  jumpTo(id: string): void {
    const peer = this.find(id)
    if (peer?.selection) this.place.editor()?.reveal(peer.selection.index)
  }

  /** Goes along with somebody's caret until the user does something in the text; null ends it. */
  follow(id: string | null): void {
    if (id === this.following.value) return
    this.following.value = id
    if (id) this.jumpTo(id)
  }

  /** Where somebody is, in words. */
  placeOf(peer: Peer): string {
    const editor = this.place.editor()
    if (!peer.selection || !editor) return t('people.nowhere')
    return placeOf(editor, peer.selection.index)
  }

  /** Whose caret is nearest to a place: most likely the one who writes there. */
  nearest(index: number): Peer | undefined {
    const far = (peer: Peer) =>
      Math.abs((peer.selection?.index ?? Number.POSITIVE_INFINITY) - index)
    return [...this.all.value].sort((a, b) => far(a) - far(b))[0]
  }

  /** Those who are other people than one; nobody while it is not known who that is. */
  strangers(person: string): readonly Peer[] {
    return person ? this.all.value.filter((peer) => peer.person !== person) : []
  }

  /** Carets are drawn at most once a frame, those of many less often. */
  planRedraw(): void {
    if (this.redrawPlanned) return
    this.redrawPlanned = true
    const draw = () => {
      this.redrawPlanned = false
      this.draw()
    }
    // Many carets move all the time; drawing them is not worth a part of every frame.
    const rest = this.all.value.length > FEW ? CROWD_REST : 0
    const wait = this.drawnAt + rest - performance.now()
    if (wait > 0) setTimeout(draw, wait)
    else requestAnimationFrame(draw)
  }

  private draw(): void {
    const { delivered, presence } = this.place.document()
    // Drawn once the editor shows the text that they are in.
    if (!delivered) return
    this.drawnAt = performance.now()
    const peers = presence.list.map(named)
    if (peers.length === 0 && this.all.value.length === 0) return
    this.all.value = peers
    this.place.editor()?.showPeers(this.shown.value)
    this.goAlong()
  }

  private goAlong(): void {
    const id = this.following.value
    if (!id) return
    const peer = this.find(id)
    if (!peer) this.follow(null)
    else if (peer.movedAt > this.followedAt) {
      this.followedAt = peer.movedAt
      this.jumpTo(id)
    }
  }

  private find(id: string): Peer | undefined {
    return this.all.value.find((peer) => peer.id === id)
  }
}

const named = (peer: Peer): Peer => (peer.name ? peer : { ...peer, name: t('people.someone') })
