using System.Runtime.InteropServices;

namespace GanFromScratch.Tensors;

/// <summary>
/// Memory for blocks that are never freed one by one: cut from large pieces, which Linux is asked to back with pages of 2 MiB. A weight matrix is read in
/// strides of a row; with pages of 4 KiB each row is a page of its own, and looking up its address costs as much as reading it.
/// </summary>
internal sealed unsafe class CpuArena : IDisposable
{
    private const nuint Piece = 16 << 20, HugePage = 2 << 20, CacheLine = 64;
    private const int AdviseHugePages = 14; // MADV_HUGEPAGE

    private readonly List<nint> _pieces = [];
    private byte* _free;
    private nuint _left;

    /// <summary>So many bytes, aligned to a cache line, holding anything.</summary>
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
