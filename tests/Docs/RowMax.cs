using GanFromScratch.Tensors;
using ILGPU;

namespace GanFromScratch.Kernels;

// x[R,C] y[R]: R rows, C columns

/// <summary>The greatest number of each row.</summary>
public static unsafe class RowMax
{
    private const int Threads = 64; // of a group, which has one row

    /// <summary>y[r] = the greatest x[r,c]. The numbers are no NaN.</summary>
    /// <exception cref="ArgumentException">y has not one element for each row, or rows are empty.</exception>
    public static void Run(Tensor x, Tensor y)
    {
        int rows = x.Shape.Rows, columns = x.Shape.Columns;
        if (y.Count != rows || columns == 0)
            Operands.Refuse("RowMax", x, y, $"rows must have elements, and the result {rows} of them, one for each row");
        var device = y.Device;
        if (device is CpuDevice cpu)
        {
            var job = new Job(x.Pointer(), y.Pointer(), columns);
            cpu.Run(ref job, rows, CpuLoop.MinRows(columns));
        }
        else
        {
            Launcher.Groups(device, new Index2D(rows, 1), Threads, RowMaxKernel, new Arguments(x.On(device), y.On(device), columns));
        }
    }

    internal readonly record struct Arguments(ArrayView<float> X, ArrayView<float> Y, int Columns);

    private static void RowMaxKernel(Arguments a)
    {
        var greatest = SharedMemory.Allocate<float>(Threads);
        int t = Group.IdxX;
        long row = (long)Grid.IdxX * a.Columns;
        float max = float.NegativeInfinity;
        for (int c = t; c < a.Columns; c += Threads)
            max = Greater(max, a.X[row + c]);
        greatest[t] = max;
        Group.Barrier();
        for (int half = Threads / 2; half > 0; half /= 2)
        {
            if (t < half)
                greatest[t] = Greater(greatest[t], greatest[t + half]);
            Group.Barrier();
        }
        if (t == 0)
            a.Y[Grid.IdxX] = greatest[0];
    }

    private static float Greater(float a, float b) => a < b ? b : a;

    private readonly struct Job(float* x, float* y, int columns) : IJob
    {
        public void Run(int from, int to)
        {
            float* lanes = stackalloc float[Simd.Lanes];
            for (int r = from; r < to; r++)
            {
                float* row = x + ((nint)r * columns);
                var max = Simd.Of(float.NegativeInfinity);
                int c = 0;
                for (; c <= columns - Simd.Lanes; c += Simd.Lanes)
                    max = Simd.IfLess(max, Simd.Load(row + c), Simd.Load(row + c), max);
                Simd.Store(lanes, max);
                float greatest = float.NegativeInfinity;
                for (int i = 0; i < Simd.Lanes; i++)
                    greatest = Greater(greatest, lanes[i]);
                for (; c < columns; c++)
                    greatest = Greater(greatest, row[c]);
                y[r] = greatest;
            }
        }
    }
}
