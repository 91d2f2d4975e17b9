using System.Runtime.InteropServices;
using GanFromScratch.Tensors;
using ILGPU;

namespace GanFromScratch.Kernels;

/// <summary>
/// Rows of bytes that lie on an accelerator, such as a data set's pictures: a quarter of what floats take, and a batch is gathered from
/// them by number, so that only the numbers are sent.
/// </summary>
public sealed class ByteRows : IDisposable
{
    private readonly Tensor _bytes; // four to a float
    private readonly int _columns;
    private Tensor? _rows;          // the numbers of the latest batch's

    /// <summary>Copies rows to a device.</summary>
    /// <param name="device">An accelerator.</param>
    /// <param name="bytes">[rows, columns]</param>
    /// <param name="columns">Bytes of a row.</param>
    public ByteRows(AcceleratorDevice device, ReadOnlySpan<byte> bytes, int columns)
    {
        _columns = columns;
        int whole = bytes.Length / sizeof(float), left = bytes.Length % sizeof(float);
        _bytes = new Tensor(device, new Shape(whole + Math.Min(1, left)));
        var words = MemoryMarshal.Cast<byte, float>(bytes);
        if (left == 0)
        {
            _bytes.CopyFrom(words);
            return;
        }
        var padded = new float[whole + 1];
        bytes.CopyTo(MemoryMarshal.AsBytes(padded.AsSpan()));
        _bytes.CopyFrom(padded);
    }

    /// <summary>Whether rows of so many bytes fit on a device beside what training needs.</summary>
    public static bool Fit(AcceleratorDevice device, long bytes) => bytes <= int.MaxValue && (ulong)bytes <= device.Description.Memory / 8;

    /// <summary>y[n,c] = low + range · byte[rows[n], c] / 255, each step rounded, as the processor computes it.</summary>
    /// <param name="rows">The numbers of the rows, one for each of y's.</param>
    /// <param name="low">What 0 becomes.</param>
    /// <param name="range">What is added for 255.</param>
    /// <param name="y">[rows, columns], on the same device.</param>
    /// <exception cref="ArgumentException">y has another shape.</exception>
    public void Gather(ReadOnlySpan<int> rows, float low, float range, Tensor y)
    {
        if (y.Shape.Rows != rows.Length || y.Count != rows.Length * _columns)
            throw new ArgumentException($"Gather: {rows.Length} rows of {_columns} bytes don't fill {y.Shape}");
        if (rows.IsEmpty)
            return;
        if (_rows?.Count != rows.Length)
        {
            _rows?.Dispose();
            _rows = new Tensor(y.Device, new Shape(rows.Length));
        }
        _rows.CopyFrom(MemoryMarshal.Cast<int, float>(rows));
        Launcher.ForEach(
            y.Device, y.Count, GatherKernel, _bytes.On(y.Device), _rows.On(y.Device), new Scaling(low, range, _columns), y.On(y.Device));
    }

    /// <summary>Returns the storage to the device's pool.</summary>
    public void Dispose()
    {
        _bytes.Dispose();
        _rows?.Dispose();
    }

    internal readonly record struct Scaling(float Low, float Range, int Columns);

    private static void GatherKernel(Index1D i, ArrayView<float> bytes, ArrayView<float> rows, Scaling scaling, ArrayView<float> y)
    {
        int n = i / scaling.Columns, c = i - (n * scaling.Columns);
        long at = ((long)rows.Cast<int>()[n] * scaling.Columns) + c;
        y[i] = scaling.Low + (scaling.Range * bytes.Cast<byte>()[at] / 255f);
    }
}
