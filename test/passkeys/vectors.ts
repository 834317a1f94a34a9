/**
 * The test vectors of WebAuthn Level 3 (§16), made again by the rule that the specification gives for them: every random
 * value is HKDF-SHA-256 of 'WebAuthn test vectors' with a running number as salt and the vector's name as info. What was
 * signed is not copied but derived; the published signatures, which are, hold only over exactly the published bytes.
 */

import { hkdfSync } from 'node:crypto'
import { base64url, type Faults, flag } from './authenticator.ts'
import { ed25519From, es256From, type Keys } from './keys.ts'

interface Named {
  /** Section of the specification, and the name from which all is derived. */
  readonly section: string
  readonly name: string
  /** The published signature of the use, in hex. */
  readonly signature: string
  /** Of the attestation by the credential itself. */
  readonly self?: string
  /** Published with an attestation by certificate, which is not taken; its use is. */
  readonly byCertificate?: true | { readonly signature: string; readonly certificate: string }
  readonly crossOrigin?: true
  readonly topOrigin?: string
  readonly idLength?: number
}

export const published: readonly Named[] = [
  {
    section: '16.2',
    name: 'none.ES256',
    signature:
      '3046022100f50a4e2e4409249c4a853ba361282f09841df4dd4547a13a87780218deffcd380221008480ac0f0b93538174f575bf11a1dd5d78c6e486013f937295ea13653e331e87',
  },
  {
    section: '16.3',
    name: 'packed-self.ES256',
    self: '30440220067a20754ab925005dbf378097c92120031581c73228d1fb4f5b881bcd7da98302207fc7b147558c7c0eba3af18bd9d121fa3d3a26d17fe3f220272178f473b6006d',
    signature:
      '304402203310b9431903c401f1be2bdc8d23a4007682dbbddcf846994947b7f465daf84002204e94dd00047b316061b3b99772b7efd95994a83ef584b3b6b825ea3550251b66',
  },
  {
    section: '16.4',
    name: 'none.ES256.crossOrigin',
    crossOrigin: true,
    signature:
      '3046022100eb12fcf23b12764c0f122e22371fab92e283879fd798f38ee1841c951b6e40e7022100c76237ff9db77b3c56f30837cda6a09acfa2e915544e609c0733b1184036d1cf',
  },
  {
    section: '16.5',
    name: 'none.ES256.topOrigin',
    crossOrigin: true,
    topOrigin: 'https://example.com',
    signature:
      '3045022100b5a70c81780d5fcc9a4f2ae9caae99058f8accaf58b91fb59329646c28ac6ffc022012e101c165db3c8e9957f0c54dd6ca9b56bc3bd2f280bd2faa6c1d02c6e5c171',
  },
  {
    section: '16.6',
    name: 'none.ES256.long-credential-id',
    idLength: 1_023,
    signature:
      '304502203ecef83fb12a0cae7841055f9f87103a99fd14b424194bbf06c4623d3ee6e3fd022100d2ace346db262b1374a6b70faa51f518a42ddca13a4125ce6f5052a75bac9fb6',
  },
  {
    section: '16.7',
    name: 'packed.ES256',
    byCertificate: {
      signature:
        '304502203f19ec4b229f46ab8c45eff29b904ff10c0390dc40bf1216f04a78f4ceba3425022100fe7041a32759aff05a0f9f26c70a999c7a284451ba89234a1d3483c25e21925b',
      certificate:
        '30820221308201c8a00302010202110088c220f83c8ef1feafe94deae45faad0300a06082a8648ce3d0403023062311e301c06035504030c15576562417574686e207465737420766563746f7273310c300a060355040a0c0357334331253023060355040b0c1c41757468656e74696361746f72204174746573746174696f6e204341310b30090603550406130241413020170d3234303130313030303030305a180f33303234303130313030303030305a305f311e301c06035504030c15576562417574686e207465737420766563746f7273310c300a060355040a0c0357334331223020060355040b0c1941757468656e74696361746f72204174746573746174696f6e310b30090603550406130241413059301306072a8648ce3d020106082a8648ce3d03010703420004a91ba4389409dd38a428141940ca8feb1ac0d7b4350558104a3777a49322f3798440f378b3398ab2d3bb7bf91322c92eb23556f59ad0a836fec4c7663b0e4dc3a360305e300c0603551d130101ff04023000300e0603551d0f0101ff040403020780301d0603551d0e04160414a589ba72d060842ab11f74fb246bdedab16f9b9b301f0603551d2304183016801445aff715b0dd786741fee996ebc16547a3931b1e300a06082a8648ce3d040302034700304402201726b9d85ecd8a5ed51163722ca3a20886fd9b242a0aa0453d442116075defd502207ef471e530ac87961a88a7f0d0c17b091ffc6b9238d30f79f635b417be5910e7',
    },
    signature:
      '30450220694969d3ee928de6f02ef23a9c644d7d779916451734a94b432542f498a1ebe90221008b0819c824218a97152cd099c55bfb1477b29d900a49a64018314f9bfccda163',
  },
  {
    section: '16.10',
    name: 'packed.RS256',
    byCertificate: true,
    signature:
      '01063d52d7c39b4d432fc7063c5d93e582bdcb16889cd71f888d67d880ea730a428498d3bc8e1ee11f2b1ecbe6c292b118c55ffaaddefa8cad0a54dd137c51f1eec673f1bb6c4d1789d6826a222b22d0f585fc901fdc933212e579d199b89d672aa44891333e6a1355536025e82b25590256c3538229b55737083b2f6b9377e49e2472f11952f79fdd0da180b5ffd901b4049a8f081bb40711bef76c62aed943571f2d0575304cb549d68d8892f95086a30f93716aee818f8dc06e96c0d5e0ed4cfa9fd8773d90464b68cf140f7986666ff9c9e3302acd0535d60d769f465e2ab57ef8aabc89fccfef7ba32a64154a8b3d26be2298f470b8cc5377dbe3dfd4b0b45f8f01e63bde6cfc76b62771f9b70aa27cf40152cad93aa5acd784fd4b90f676e2ea828d0bf2400aebbaae4153e5838f537f88b6228346782a93a899be66ec77de45b3efcf311da6321c92e6b0cd11bfe653bf3e98cee8e341f02d67dbb6f9c98d9e8178090cfb5b70fbc6d541599ac794ae2f1d4de1286ec8de8c2daf7b1d15c8438e90d924df5c19045220a4c8438c1b979bbe016cf3d0eeec23c3999d4882cc645b776de930756612cdc6dd398160ff02a6',
  },
  {
    section: '16.11',
    name: 'packed.EdDSA',
    byCertificate: true,
    signature:
      'f5c59c7e46c34f6f8cc197101ddf9934fa2595f68eb1913a637e8419eb9ba4cfdfc48f85393bc0d40b011f0d6fecb097d6607525713223a0dc0d453993dae00b',
  },
]

/** The registration of 16.2 as it is published, to hold what is made here against. */
export const none = {
  challenge: '00c30fb78531c464d2b6771dab8d7b603c01162f2fa486bea70f283ae556e130',
  clientDataJSON:
    '7b2274797065223a22776562617574686e2e637265617465222c226368616c6c656e6765223a22414d4d507434557878475453746e63647134313759447742466938767049612d7077386f4f755657345441222c226f726967696e223a2268747470733a2f2f6578616d706c652e6f7267222c2263726f73734f726967696e223a66616c73652c22657874726144617461223a22636c69656e74446174614a534f4e206d617920626520657874656e6465642077697468206164646974696f6e616c206669656c647320696e20746865206675747572652c207375636820617320746869733a20426b5165446a646354427258426941774a544c453551227d',
  attestationObject:
    'a363666d74646e6f6e656761747453746d74a068617574684461746158a4bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b559000000008446ccb9ab1db374750b2367ff6f3a1f0020f91f391db4c9b2fde0ea70189cba3fb63f579ba6122b33ad94ff3ec330084be4a5010203262001215820afefa16f97ca9b2d23eb86ccb64098d20db90856062eb249c33a9b672f26df61225820930a56b87a2fca66334b03458abf879717c12cc68ed73290af2e2664796b9220',
} as const

/** A vector with everything that was derived for it. */
export interface Vector extends Named {
  readonly keys: Keys
  readonly id: Uint8Array
  readonly backupEligible: boolean
  readonly made: Ceremony
  readonly used: Ceremony
}
export interface Ceremony {
  readonly challenge: string
  /** For the software authenticator: what it is to sign, and the published signature where it cannot be made again. */
  readonly faults: Faults
  readonly verified: boolean
  readonly backedUp: boolean
}

/** The values of one vector, one after another. */
function derived(name: string): (length: number) => Buffer {
  let salt = 0
  return (length) =>
    Buffer.from(hkdfSync('sha256', 'WebAuthn test vectors', Buffer.from([salt++]), name, length))
}

/** 2^1279 - 1 times 2^2203 - 1: of the published RSA key only the public half is ever needed. */
const modulus = Buffer.from(
  ((2n ** 1_279n - 1n) * (2n ** 2_203n - 1n)).toString(16).padStart(872, '0'),
  'hex',
)

function keysFrom(named: Named, next: (length: number) => Buffer): Keys {
  if (named.name.endsWith('EdDSA')) return ed25519From(next(32))
  if (named.name.endsWith('RS256')) {
    const cose = new Map<number, number | Buffer>([
      [1, 3],
      [3, -257],
      [-1, modulus],
      [-2, Buffer.from([1, 0, 1])],
    ])
    return { cose, sign: () => Buffer.from(named.signature, 'hex') }
  }
  return es256From(next(32))
}

/** Members of the client data besides type, challenge, origin and crossOrigin. */
function extraData(next: (length: number) => Buffer): Record<string, string> {
  if (((next(1)[0] ?? 0) & 1) === 0) return {}
  const says = 'clientDataJSON may be extended with additional fields in the future, such as this:'
  return { extraData: `${says} ${next(16).toString('base64url')}` }
}

/** One vector, derived in the order of the specification. */
export function vector(named: Named): Vector {
  const next = derived(named.name)
  const { crossOrigin = false, topOrigin, idLength = 32 } = named
  const page = { crossOrigin, ...(topOrigin && { topOrigin }) }
  const challenge = base64url(next(32))
  const keys = keysFrom(named, next)
  const clientData = { ...page, ...extraData(next) }
  const [aaguid, id, bits] = [next(16), next(idLength), next(1)[0] ?? 0]
  const eligible = bits & flag.be
  const made = { clientData, aaguid, on: (bits & flag.uv) | eligible | (eligible && bits & flag.bs) }
  if (named.byCertificate) next(32) // the key of the attestation
  if (named.byCertificate) next(16) // the serial number of its certificate
  const nextChallenge = base64url(next(32))
  const used = { clientData: { ...page, ...extraData(next) } }
  const usedBits = next(1)[0] ?? 0
  const on = (usedBits & flag.uv) | eligible | (eligible && usedBits & flag.bs)
  return {
    ...named,
    keys,
    id,
    backupEligible: eligible !== 0,
    made: { challenge, faults: made, verified: (bits & flag.uv) !== 0, backedUp: (made.on & flag.bs) !== 0 },
    used: {
      challenge: nextChallenge,
      faults: { ...used, on },
      verified: (usedBits & flag.uv) !== 0,
      backedUp: (on & flag.bs) !== 0,
    },
  }
}
