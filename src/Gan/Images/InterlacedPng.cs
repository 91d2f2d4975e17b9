using System.Buffers.Binary;
using System.IO.Compression;

namespace GanFromScratch.Gan.Images;

// file: signature, chunks [length u32, type 4 letters, data, CRC]; big-endian. IDAT, inflated, of an interlaced picture: seven smaller ones

/// <summary>Whether an interlaced PNG has all of its rows: ImageSharp 2.1 never ends where some are missing.</summary>
internal static class InterlacedPng
{
    private const int Passes = 7;

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', (byte)'\r', (byte)'\n', 0x1A, (byte)'\n'];

    // of each pass (PNG, second edition, 8.2): where it begins, and how far its pixels are apart
    private static ReadOnlySpan<byte> FirstColumn => [0, 4, 0, 2, 0, 1, 0];

    private static ReadOnlySpan<byte> FirstRow => [0, 0, 4, 0, 2, 0, 1];

    private static ReadOnlySpan<byte> ColumnStep => [8, 8, 4, 4, 2, 2, 1];

    private static ReadOnlySpan<byte> RowStep => [8, 8, 8, 4, 4, 2, 2];

    /// <summary>Whether the file is no interlaced PNG, or has all of its rows. Reads it from its beginning.</summary>
    public static bool IsWhole(Stream file)
    {
        Span<byte> head = stackalloc byte[8 + 8 + 13];
        if (file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length || !head[..8].SequenceEqual(Signature))
            return true;
        var header = head[16..];
        if (header[12] != 1)
            return true;
        long needed = BytesOf(
            BinaryPrimitives.ReadUInt32BigEndian(header), BinaryPrimitives.ReadUInt32BigEndian(header[4..]), BitsOf(header[8], header[9]));
        try
        {
            using var rows = new ZLibStream(new FirstData(file), CompressionMode.Decompress);
            var block = new byte[1 << 16];
            while (needed > 0)
            {
                int got = rows.Read(block);
                if (got == 0)
                    return false;
                needed -= got;
            }
            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    private static long BitsOf(int depth, int colour) => depth * (colour switch
    {
        2 => 3,
        4 => 2,
        6 => 4,
        _ => 1,
    });

    private static long BytesOf(long width, long height, long bits)
    {
        long bytes = 0;
        for (int pass = 0; pass < Passes; pass++)
        {
            long columns = Steps(width, FirstColumn[pass], ColumnStep[pass]), rows = Steps(height, FirstRow[pass], RowStep[pass]);
            if (columns > 0)
                bytes += rows * (1 + (((columns * bits) + 7) / 8));
        }
        return bytes;

        static long Steps(long extent, int first, int step) => Math.Max(0, (extent - first + step - 1) / step);
    }

    /// <summary>The data of the first IDAT chunks that follow one another, which a decoder takes for all.</summary>
    private sealed class FirstData(Stream file) : Stream
    {
        private long _left; // in the present chunk
        private bool _begun, _ended;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(Span<byte> buffer)
        {
            while (_left == 0 && !_ended)
                NextChunk();
            int got = _left == 0 ? 0 : file.Read(buffer[..(int)Math.Min(buffer.Length, _left)]);
            _left -= got;
            _ended |= got == 0;
            return got;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        private void NextChunk()
        {
            const int Crc = 4;
            Span<byte> around = stackalloc byte[Crc + 8];
            if (file.ReadAtLeast(around, around.Length, throwOnEndOfStream: false) < around.Length)
            {
                _ended = true;
                return;
            }
            long length = BinaryPrimitives.ReadUInt32BigEndian(around[Crc..]);
            if (around[(Crc + 4)..].SequenceEqual("IDAT"u8))
            {
                (_begun, _left) = (true, length);
                return;
            }
            _ended = _begun || length > file.Length - file.Position;
            if (!_ended)
                file.Position += length;
        }
    }
}
