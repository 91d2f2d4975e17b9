using System.Runtime.InteropServices;

namespace GanFromScratch.Tensors;

/// <summary>
/// An arena for blocks that are freed together. Its pieces are backed by huge pages of 2 MiB on Linux: a weight matrix is read in strides
/// of a row, and with pages of 4 KiB each row costs a page walk, as much time as the read.
/// </summary>
internal sealed unsafe class CpuArena : IDisposable
{
    private const nuint Piece = 16 << 20, HugePage = 2 << 20, CacheLine = 64;
    private const int AdviseHugePages = 14; // MADV_HUGEPAGE

    private readonly List<nint> _pieces = [];
    private byte* _free;
    private nuint _left;

    /// <summary>Returns uninitialised memory, aligned to a cache line.</summary>
    public void* Cut(nuint bytes)
    {
        bytes = (bytes + CacheLine - 1) / CacheLine * CacheLine;
        if (bytes > Piece / 2)
            return NewPiece(bytes);
        if (bytes > _left)
        {
            _free = NewPiece(Piece);
            _left = Piece;
        }
        var cut = _free;
        _free += bytes;
        _left -= bytes;
        return cut;
    }

    public void Dispose()
    {
        foreach (nint piece in _pieces)
            NativeMemory.AlignedFree((void*)piece);
        _pieces.Clear();
        _left = 0;
    }

    private byte* NewPiece(nuint bytes)
    {
        var piece = (byte*)NativeMemory.AlignedAlloc(bytes, HugePage);
        _pieces.Add((nint)piece);
        if (OperatingSystem.IsLinux())
        {
            try
            {
                _ = Advise(piece, bytes, AdviseHugePages); // a kernel that refuses leaves small pages, which work as well
            }
            catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
            {
                // The same.
            }
        }
        return piece;
    }

    [DllImport("libc", EntryPoint = "madvise")]
    private static extern int Advise(void* address, nuint length, int advice);
}
