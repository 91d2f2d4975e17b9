namespace GanFromScratch.Gan.Images;

// codes: 0..255 a byte, 256 clear, 257 end, 258..4095 a known string and one byte more; 9 bits wide at first, at most 12

/// <summary>
/// LZW compression of GIF (GIF89a, appendix F): codes of growing width, lowest bit first, in blocks of at most 255 bytes after their
/// length. Frames share the tables' memory.
/// </summary>
internal sealed class Lzw
{
    private const int Clear = 256, End = 257, FirstFree = 258, Full = 4096, WidestCode = 12;

    // open addressing, at most half full; a key is 1 + (prefix << 8 | byte), 0 is empty
    private const int Slots = 8192;

    private readonly int[] _keys = new int[Slots];
    private readonly short[] _codes = new short[Slots];
    private readonly byte[] _block = new byte[256];
    private int _next, _width, _bits, _bitCount, _blockLength;

    /// <summary>Writes the smallest code size, the blocks of compressed data, which must not be empty, and an empty block.</summary>
    public void Write(Stream stream, ReadOnlySpan<byte> data)
    {
        (_bits, _bitCount, _blockLength) = (0, 0, 0);
        stream.WriteByte(8);
        Reset();
        Put(stream, Clear);

        int prefix = data[0];
        foreach (byte b in data[1..])
        {
            int key = 1 + (prefix << 8 | b);
            int slot = Find(key);
            if (_keys[slot] == key)
            {
                prefix = _codes[slot];
                continue;
            }
            PutString(stream, prefix);
            if (_next == Full)
            {
                Put(stream, Clear);
                Reset();
            }
            else
            {
                _keys[slot] = key;
                _codes[slot] = (short)_next++;
            }
            prefix = b;
        }
        PutString(stream, prefix);
        Put(stream, End);

        if (_bitCount > 0)
            PutByte(stream, (byte)_bits);
        FlushBlock(stream);
        stream.WriteByte(0);
    }

    private void Reset()
    {
        Array.Clear(_keys);
        (_next, _width) = (FirstFree, 9);
    }

    private int Find(int key)
    {
        int slot = (int)((uint)key * 2654435769u >> 19);
        while (_keys[slot] != 0 && _keys[slot] != key)
            slot = (slot + 1) % Slots;
        return slot;
    }

    // a reader enters each string one code later than the writer, so the width grows before the new string is entered
    private void PutString(Stream stream, int code)
    {
        Put(stream, code);
        if (_next == 1 << _width && _width < WidestCode)
            _width++;
    }

    private void Put(Stream stream, int code)
    {
        _bits |= code << _bitCount;
        for (_bitCount += _width; _bitCount >= 8; _bitCount -= 8)
        {
            PutByte(stream, (byte)_bits);
            _bits >>= 8;
        }
    }

    private void PutByte(Stream stream, byte value)
    {
        _block[1 + _blockLength++] = value;
        if (_blockLength == 255)
            FlushBlock(stream);
    }

    private void FlushBlock(Stream stream)
    {
        if (_blockLength == 0)
            return;
        _block[0] = (byte)_blockLength;
        stream.Write(_block, 0, 1 + _blockLength);
        _blockLength = 0;
    }
}
