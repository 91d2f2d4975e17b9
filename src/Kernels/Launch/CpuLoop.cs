using System.Diagnostics.CodeAnalysis;
using GanFromScratch.Tensors;
using ILGPU;

namespace GanFromScratch.Kernels;

/// <summary>What the doors of the library share: checks, pointers, and the loop that every elementwise kernel runs in.</summary>
internal static unsafe class Host
{
    /// <summary>Elements that one unit of the optimiser's job has: fixed, so that nothing depends on how units fall to threads.</summary>
    public const int Chunk = 2048;

    private const int Block = 64; // columns

    /// <summary>Elements for each thread that are worth waking it: some microseconds of a simple formula.</summary>
    public const int WorthAThread = 16384;

    /// <summary>The first element of a tensor in the machine's memory.</summary>
    /// <exception cref="NotSupportedException">It lies on another device.</exception>
    public static float* Pointer(this Tensor tensor) =>
        tensor.Storage is HostStorage storage ? storage.Pointer : throw new NotSupportedException(
            $"an operand {tensor.Shape} is on the device {tensor.Device.Name}, and this kernel runs on cpu");

    /// <summary>A tensor as a kernel sees it, on the device that the kernel runs on.</summary>
    /// <exception cref="NotSupportedException">The tensor lies elsewhere.</exception>
    public static ArrayView<float> On(this Tensor tensor, Device device) =>
        tensor.Device == device && device is AcceleratorDevice accelerator ? accelerator.View(tensor) : throw new NotSupportedException(
            $"an operand {tensor.Shape} is on the device {tensor.Device.Name}, and this kernel runs on {device.Name}");

    /// <summary>Throws unless both tensors have the same shape.</summary>
    public static void SameShape(string op, Tensor a, Tensor b)
    {
        if (a.Shape != b.Shape)
            Refuse(op, a, b, "the shapes must be equal");
    }

    /// <summary>Throws unless the second tensor has as many elements as the first has columns.</summary>
    public static void RowOf(string op, Tensor matrix, Tensor row)
    {
        if (row.Count != matrix.Shape.Columns)
            Refuse(op, matrix, row, $"the row must have {matrix.Shape.Columns} elements, one for each column");
    }

    /// <summary>Refuses two tensors: the op, what it got, why not.</summary>
    [DoesNotReturn]
    public static void Refuse(string op, Tensor a, Tensor b, string why) =>
        throw new ArgumentException($"{op}: {a.Shape} with {b.Shape}: {why}");

    /// <summary>
    /// Runs the body for every element, sixteen at a time and the rest one by one, on all threads. Of a matrix each thread has columns, as in most
    /// matrix products that make it, so that what it reads is in its own cache.
    /// </summary>
    public static void ForEach<B>(CpuDevice device, B body, Shape shape)
        where B : struct, IBody
    {
        bool wide = shape.Columns >= device.Threads * 2 * Block;
        var job = new BodyJob<B>(body, wide ? shape.Rows : 1, wide ? shape.Columns : shape.Count);
        device.Run(ref job, (job.Columns + Block - 1) / Block, (WorthAThread / Block / job.Rows) + 1);
    }

    /// <summary>Runs the body from one element up to, not including, another.</summary>
    public static void Loop<B>(B body, int from, int to)
        where B : struct, IBody
    {
        int i = from;
        for (; i <= to - Simd.Lanes; i += Simd.Lanes)
            body.At<Simd>(i);
        for (; i < to; i++)
            body.At<Scalar>(i);
    }

    /// <summary>A unit is a block of columns.</summary>
    private readonly struct BodyJob<B>(B body, int rows, int columns) : IJob
        where B : struct, IBody
    {
        public int Rows => Math.Max(1, rows);

        public int Columns => columns;

        public void Run(int from, int to)
        {
            int first = from * Block, end = (int)Math.Min((long)to * Block, columns);
            if (first == 0 && end == columns)
            {
                Loop(body, 0, rows * columns); // one thread: no need to go row by row
                return;
            }
            for (int row = 0; row < rows; row++)
                Loop(body, (row * columns) + first, (row * columns) + end);
        }
    }
}

/// <summary>What a loop does with the elements from <c>i</c> on, as many as the lane is wide.</summary>
internal interface IBody
{
    /// <summary>Does the elements i up to i + width.</summary>
    void At<V>(int i)
        where V : struct, IFloatLane<V>;
}
