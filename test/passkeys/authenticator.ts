/**
 * An authenticator and its browser in software: real key pairs, CBOR, flags, counters and signatures (WebAuthn Level 3
 * §5.8.1, §6.1, §6.5). Every way of misbehaving is a member of `Faults`; it is applied before signing, so that what is
 * named wrong is all that is wrong, and a refusal can have no other reason.
 */

import { createHash } from 'node:crypto'
import type { JsonValue } from '@pilvi/privacy'
import { type Cbor, cbor } from './cbor.ts'
import { type Algorithm, type CoseKey, type Keys, newKeys } from './keys.ts'

export const flag = { up: 0x01, uv: 0x04, be: 0x08, bs: 0x10, at: 0x40, ed: 0x80 } as const

export interface Faults {
  /** Members of the client data instead of the honest ones; `undefined` leaves one out. */
  readonly clientData?: Readonly<Record<string, unknown>>
  /** Changes the client data, before it is signed. */
  readonly clientDataText?: (text: string) => string | Buffer
  readonly rpId?: string
  /** Flags to be set and to be left out. */
  readonly on?: number
  readonly off?: number
  readonly counter?: number
  /** The key that signs. */
  readonly keys?: Keys
  /** The credential id that the response says. */
  readonly id?: string
  /** The credential id that the authenticator attests. */
  readonly attestedId?: Uint8Array
  readonly aaguid?: Uint8Array
  readonly cose?: CoseKey
  /** The attestation's format and statement, made of what there is to sign. */
  readonly attestation?: (signed: Buffer) => readonly [string, Cbor]
  /** Changes the authenticator data before it is signed. */
  readonly authenticatorData?: (bytes: Buffer) => Buffer
  /** Changes what is sent, after all was signed. */
  readonly sent?: (response: SentResponse) => unknown
}

/** A response as a browser's `toJSON` gives it. */
export interface SentResponse {
  readonly id: string
  readonly rawId: string
  readonly type: string
  readonly authenticatorAttachment: string
  readonly clientExtensionResults: object
  readonly response: Readonly<Record<string, unknown>>
}

const sha256 = (data: string | Uint8Array): Buffer => createHash('sha256').update(data).digest()
export const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')

/** Of one relying party, with one credential. */
export interface Device {
  readonly algorithm?: Algorithm
  readonly keys?: Keys
  readonly id?: Uint8Array
  readonly rpId?: string
  readonly origin?: string
  /** What its counter says at first; it grows with each use, unless it is 0. */
  readonly counter?: number
  /** Flags besides presence; verified and not to be backed up, if not given. */
  readonly flags?: number
}

export class Authenticator {
  readonly keys: Keys
  readonly id: string
  readonly device: Required<Pick<Device, 'rpId' | 'origin' | 'flags'>>
  counter: number

  constructor({
    algorithm = 'ES256',
    keys,
    id = crypto.getRandomValues(new Uint8Array(32)),
    ...device
  }: Device = {}) {
    this.keys = keys ?? newKeys(algorithm)
    this.id = base64url(id)
    this.counter = device.counter ?? 0
    this.device = { rpId: 'example.com', origin: 'https://login.example.com', flags: flag.uv, ...device }
  }

  /** Answers `navigator.credentials.create`. */
  create(options: JsonValue, faults: Faults = {}): unknown {
    const clientDataJSON = this.#clientData('webauthn.create', { options, faults })
    const { aaguid = new Uint8Array(16), attestedId = Buffer.from(this.id, 'base64url') } = faults
    const length = Buffer.from([attestedId.length >> 8, attestedId.length & 0xff])
    const attested = [aaguid, length, attestedId, cbor(faults.cose ?? this.keys.cose)]
    const authData = this.#authenticatorData(Buffer.concat(attested), faults)
    const signed = Buffer.concat([authData, sha256(clientDataJSON)])
    const [fmt, attStmt] = faults.attestation?.(signed) ?? ['none', new Map()]
    const object = new Map<string, Cbor>([
      ['fmt', fmt],
      ['attStmt', attStmt],
      ['authData', authData],
    ])
    return this.#sent({
      faults,
      response: {
        clientDataJSON: base64url(clientDataJSON),
        attestationObject: base64url(cbor(object)),
        transports: ['internal', 'hybrid'],
      },
    })
  }

  /** Answers `navigator.credentials.get`. */
  get(options: JsonValue, faults: Faults = {}): unknown {
    if (this.counter > 0) this.counter++
    const clientDataJSON = this.#clientData('webauthn.get', { options, faults })
    const authenticatorData = this.#authenticatorData(null, faults)
    const signed = Buffer.concat([authenticatorData, sha256(clientDataJSON)])
    return this.#sent({
      faults,
      response: {
        clientDataJSON: base64url(clientDataJSON),
        authenticatorData: base64url(authenticatorData),
        signature: base64url((faults.keys ?? this.keys).sign(signed)),
        userHandle: base64url(Buffer.from('someone')),
      },
    })
  }

  /** Attests with the credential's own key (§8.2, self attestation). */
  self(alg: number, keys: Keys = this.keys): (signed: Buffer) => readonly [string, Cbor] {
    return (signed) => [
      'packed',
      new Map<string, Cbor>([
        ['alg', alg],
        ['sig', keys.sign(signed)],
      ]),
    ]
  }

  #clientData(type: string, { options, faults }: { options: JsonValue; faults: Faults }): Buffer {
    const { challenge } = options as { challenge: string }
    const honest = { type, challenge, origin: this.device.origin, crossOrigin: false }
    const text = JSON.stringify({ ...honest, ...faults.clientData })
    const changed = faults.clientDataText?.(text) ?? text
    return typeof changed === 'string' ? Buffer.from(changed) : changed
  }

  #authenticatorData(attested: Buffer | null, faults: Faults): Buffer {
    const { rpId = this.device.rpId, on = 0, off = 0, counter = this.counter } = faults
    const rest = Buffer.alloc(5)
    rest[0] = (this.device.flags | flag.up | (attested ? flag.at : 0) | on) & ~off
    rest.writeUInt32BE(counter, 1)
    const bytes = Buffer.concat([sha256(rpId), rest, attested ?? Buffer.alloc(0)])
    return faults.authenticatorData?.(bytes) ?? bytes
  }

  #sent({ faults, response }: { faults: Faults; response: Readonly<Record<string, unknown>> }): unknown {
    const id = faults.id ?? this.id
    const sent: SentResponse = {
      id,
      rawId: id,
      type: 'public-key',
      authenticatorAttachment: 'platform',
      clientExtensionResults: {},
      response,
    }
    // As it arrives: through JSON, with nothing but own members of plain values.
    return JSON.parse(JSON.stringify(faults.sent ? faults.sent(sent) : sent))
  }
}
