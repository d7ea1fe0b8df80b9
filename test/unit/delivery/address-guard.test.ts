import assert from 'node:assert/strict';
import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import {
  checkLiteralHost,
  guardedLookup,
  isPublicAddress,
} from '../../../src/delivery/address-guard';
import { SageCrmError } from '../../../src/errors/sagecrm-error';

function isRefusal(error: unknown): boolean {
  return error instanceof SageCrmError && error.code === 'ADDRESS_REFUSED';
}

describe('isPublicAddress', () => {
  const refused: Record<string, readonly string[]> = {
    'this network': ['0.0.0.0', '0.1.2.3', '::'],
    loopback: ['127.0.0.1', '127.255.255.254', '::1'],
    private: ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fc00::1', 'fd00::1'],
    'link-local': ['169.254.0.1', 'fe80::1', 'fec0::1'],
    'carrier-grade NAT': ['100.64.0.1', '100.127.255.255'],
    multicast: ['224.0.0.1', '239.255.255.255', 'ff02::1'],
    'broadcast and reserved': ['255.255.255.255', '240.0.0.1', '192.0.0.8', '198.18.0.1'],
    documentation: ['192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff::1'],
    'metadata services': ['169.254.169.254', 'fd00:ec2::254', '100.100.100.200', '168.63.129.16'],
    'IPv4 mapped': ['::ffff:127.0.0.1', '::ffff:8.8.8.8', '::ffff:0:7f00:1'],
    'IPv4 compatible': ['::127.0.0.1', '::8.8.8.8'],
    NAT64: ['64:ff9b::7f00:1', '64:ff9b::808:808', '64:ff9b:1::1'],
    '6to4': ['2002:7f00:1::', '192.88.99.1'],
    Teredo: ['2001::1'],
    'outside the global block': ['4000::1', '100::1', '5f00::1'],
    'not an address': ['', 'example.com'],
  };
  for (const [kind, addresses] of Object.entries(refused)) {
    for (const address of addresses) {
      it(`is false for ${kind}: "${address}"`, () => {
        assert.equal(isPublicAddress(address), false);
      });
    }
  }

  for (const address of ['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111']) {
    it(`is true for ${address}`, () => {
      assert.equal(isPublicAddress(address), true);
    });
  }
});

describe('checkLiteralHost', () => {
  const refused = [
    'http://127.0.0.1/hook',
    'http://127.1/hook',
    'http://2130706433/hook',
    'http://0x7f.0.0.1/hook',
    'http://0177.0.0.1/hook',
    'http://127.0.0.1./hook',
    'http://[::1]/hook',
    'http://[::ffff:127.0.0.1]/hook',
    'http://[64:ff9b::7f00:1]/hook',
    'http://169.254.169.254/latest/meta-data',
    'http://localhost:1880/hook',
    'http://localhost./hook',
    'http://api.localhost/hook',
  ];
  for (const url of refused) {
    it(`refuses ${url}`, () => {
      assert.throws(() => {
        checkLiteralHost(new URL(url));
      }, isRefusal);
    });
  }

  for (const url of ['https://example.com', 'https://8.8.8.8', 'https://[2606:4700::1111]']) {
    it(`lets ${url} pass`, () => {
      checkLiteralHost(new URL(url));
    });
  }
});

describe('guardedLookup', () => {
  function resolving(...found: string[]): LookupFunction {
    return (_hostname, options, callback) => {
      assert.equal(options.all, true);
      callback(
        null,
        found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
    };
  }

  function ask(lookup: LookupFunction, all: boolean): Promise<string | LookupAddress[]> {
    return new Promise((resolve, reject) => {
      lookup('receiver.example', { all }, (error, address) => {
        if (error) reject(error);
        else resolve(address);
      });
    });
  }

  it('gives the public addresses, in the form that was asked for', async () => {
    const lookup = guardedLookup(resolving('8.8.8.8', '2606:4700::1111'));
    assert.equal(await ask(lookup, false), '8.8.8.8');
    assert.deepEqual(await ask(lookup, true), [
      { address: '8.8.8.8', family: 4 },
      { address: '2606:4700::1111', family: 6 },
    ]);
  });

  it('leaves out what is not public', async () => {
    const lookup = guardedLookup(resolving('10.0.0.1', '8.8.8.8', '64:ff9b::7f00:1'));
    assert.deepEqual(await ask(lookup, true), [{ address: '8.8.8.8', family: 4 }]);
    assert.equal(await ask(lookup, false), '8.8.8.8');
  });

  for (const found of [['10.0.0.1'], ['::1', '127.0.0.1'], []]) {
    it(`fails when a name leads to ${found.join(' and ') || 'nothing'}`, async () => {
      await assert.rejects(ask(guardedLookup(resolving(...found)), true), isRefusal);
      await assert.rejects(ask(guardedLookup(resolving(...found)), false), isRefusal);
    });
  }

  it('judges a single address too', async () => {
    const single: LookupFunction = (_hostname, _options, callback) => {
      callback(null, '127.0.0.1', 4);
    };
    await assert.rejects(ask(guardedLookup(single), true), isRefusal);
  });

  it('passes on the failure of the resolver', async () => {
    const failing: LookupFunction = (_hostname, _options, callback) => {
      callback(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), []);
    };
    await assert.rejects(ask(guardedLookup(failing), true), { code: 'ENOTFOUND' });
  });
});
