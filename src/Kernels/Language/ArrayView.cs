using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GanFromScratch.Kernels;

/// <summary>
/// Elements side by side in a device's memory, as a kernel sees them: in global memory, shared by a group, or a thread's own. The compiler knows its
/// members; in plain C#, on the emulated device, they work on the machine's memory and check every index.
/// </summary>
/// <typeparam name="T">float, int, uint, long, ulong or <see cref="Float4"/>.</typeparam>
[StructLayout(LayoutKind.Sequential)]
public readonly unsafe struct ArrayView<T>
    where T : unmanaged
{
    private readonly nint _handle; // an address, or a driver's name for a block
    private readonly long _length;

    /// <summary>A view of so many elements of a block.</summary>
    public ArrayView(nint handle, long length)
    {
        _handle = handle;
        _length = length;
    }

    /// <summary>How many elements there are.</summary>
    public long Length => _length;

    /// <summary>How many elements there are, as an int.</summary>
    public int IntLength => (int)_length;

    /// <summary>An element.</summary>
    /// <exception cref="IndexOutOfRangeException">On the emulated device: there is no such element.</exception>
    public ref T this[int index] => ref At(index);

    /// <inheritdoc cref="this[int]"/>
    public ref T this[long index] => ref At(index);

    /// <inheritdoc cref="this[int]"/>
    public ref T this[Index1D index] => ref At(index.X);

    /// <summary>The elements from one on.</summary>
    public ArrayView<T> SubView(long from, long length) => new(_handle + (nint)(from * sizeof(T)), length);

    /// <summary>The same bytes as elements of another type. They must be aligned for it, and their number a multiple of its size.</summary>
    public ArrayView<TOther> Cast<TOther>()
        where TOther : unmanaged => new(_handle, _length * sizeof(T) / sizeof(TOther));

    private ref T At(long index)
    {
        if ((ulong)index >= (ulong)_length)
            throw new IndexOutOfRangeException($"ArrayView: there is no element {index} among {_length}");
        return ref Unsafe.AsRef<T>((T*)_handle + index);
    }
}

/// <summary>Four numbers that are read and written at once, as sixteen bytes: <c>view.Cast&lt;Float4&gt;()[i]</c>.</summary>
/// <param name="X">The first.</param>
/// <param name="Y">The second.</param>
/// <param name="Z">The third.</param>
/// <param name="W">The fourth.</param>
public readonly record struct Float4(float X, float Y, float Z, float W);
