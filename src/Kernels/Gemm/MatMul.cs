using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <summary>
/// The dense matrix product in the three forms of a layer: x·W, dy·Wᵀ and xᵀ·dy, with bias and activation in the same pass.
/// </summary>
/// <remarks>
/// Every element of the result is one chain of fused multiply-adds in the order of k, whatever the number of threads and the width of the
/// vectors.
/// <code>
///                n: panels of 48 columns   A tile of C, 8 rows by 3 vectors, is kept in 24 registers over a whole block of k: a step
///              +------+------+------+---   loads 3 vectors of B and 8 numbers of A for its 24 multiply-adds. (Registers of 8 floats:
///   k,         | B,   |      |      |      tiles of 4 rows by 3 vectors, panels of 24.)
///   a block    | panel|      |      |
///              +------+------+------+---   BLOCK-PANEL ORDER, for x·W and dy·Wᵀ. A thread has columns of y, and multiplies all rows of A
///      k       +------+------+------+---   by a packed panel of B, the 48 numbers of a step side by side. While tiles are computed the
///   +------+   | tile |      |      |      next panel is packed, of Wᵀ in squares of four by four. Rows of A are read in place; for xᵀ·dy
///   | A,   | 8 +------+                    of many samples they are strips of x, packed once for all panels.
///   | strip|   | tile |        C
///   +------+   +------+                    WEIGHT-GRADIENT ORDER, for xᵀ·dy of some samples. A thread has rows of C, and multiplies a
///   |      | 8 | ...                       strip of xᵀ by all panels; both x and dy are small, and mostly read in place. Finished strips
///   +------+   |                           go to memory, or to an epilogue such as an optimiser's.
/// </code>
/// </remarks>
public static unsafe class MatMul
{
    /// <summary>y[M,N] = a·b, where a is [M,K], or [K,M] if transposed, and b is [K,N], or [N,K] if transposed.</summary>
    /// <exception cref="ArgumentException">The shapes don't fit.</exception>
    public static void Run(Tensor a, bool transposeA, Tensor b, bool transposeB, Tensor y)
    {
        var call = new GemmCall(a, transposeA, b, transposeB, y);
        if (y.Device is CpuDevice cpu)
            CpuGemm.Run(cpu, call, new StoreEpilogue());
        else
            DeviceGemm.Run(call, default(DeviceStore));
    }

    /// <summary>y += a·b: each element's chain starts at its present value.</summary>
    /// <exception cref="ArgumentException">The shapes don't fit.</exception>
    public static void Accumulate(Tensor a, bool transposeA, Tensor b, bool transposeB, Tensor y)
    {
        var call = new GemmCall(a, transposeA, b, transposeB, y);
        if (y.Device is CpuDevice cpu)
            CpuGemm.Run(cpu, call, new StoreEpilogue(accumulates: true));
        else
            DeviceGemm.Run(call, default(DeviceAccumulate));
    }

    /// <summary>
    /// dz[N,I] = f'(y)·(dy[N,O]·w[I,O]ᵀ), where y[N,I] is an activation's output: a layer's input gradient, and the backward pass of the
    /// activation before the layer. Where w isn't transposed it is [O,I].
    /// </summary>
    /// <exception cref="ArgumentException">The shapes don't fit.</exception>
    public static void Backward<F>(Tensor dy, Tensor w, bool transposeW, F activation, Tensor y, Tensor dz)
        where F : struct, IActivation
    {
        Operands.SameShape("MatMul", y, dz);
        var call = new GemmCall(dy, false, w, transposeW, dz);
        if (dz.Device is CpuDevice cpu)
            CpuGemm.Run(cpu, call, new SlopeEpilogue<F>(activation, y.Pointer()));
        else
            DeviceGemm.Run(call, new DeviceSlope<F>(activation, y.On(dz.Device)));
    }

    /// <summary>y[N,O] = f(x[N,I]·w[I,O] + bias[O]): a whole dense layer.</summary>
    /// <exception cref="ArgumentException">The shapes don't fit.</exception>
    public static void Linear<F>(Tensor x, Tensor w, Tensor bias, F activation, Tensor y)
        where F : struct, IActivation
    {
        Operands.RowOf("Linear", w, bias);
        var call = new GemmCall(x, false, w, false, y);
        if (y.Device is CpuDevice cpu)
            CpuGemm.Run(cpu, call, new BiasEpilogue<F>(activation, bias.Pointer()));
        else
            DeviceGemm.Run(call, new DeviceBias<F>(activation, bias.On(y.Device)));
    }

    /// <summary>
    /// Computes a deferred weight gradient some rows at a time, which the epilogue consumes: no more than those are in memory. The sums are
    /// those of <see cref="Run"/>, followed by <see cref="Accumulate"/> for a second share.
    /// </summary>
    /// <param name="gradient">A product of one or two shares, of at most 256 rows, whose shapes fit the epilogue's operands.</param>
    /// <param name="epilogue">What consumes the rows.</param>
    internal static void Fuse<E>(DeferredGradient gradient, E epilogue)
        where E : struct, IEpilogue
    {
        for (var share = gradient; share is not null; share = share.More)
            share.Dy.Device.CountMatMul(share.X!.Shape[1], share.Dy.Shape[1], share.Dy.Shape[0]);
        CpuGemm.Fuse((CpuDevice)gradient.Dy.Device, gradient, epilogue);
    }

    /// <summary>Returns the shape of a·b.</summary>
    /// <exception cref="ArgumentException">The inner extents differ, or an operand is not a matrix.</exception>
    public static Shape ResultShape(Shape a, bool transposeA, Shape b, bool transposeB)
    {
        if (a.Rank != 2 || b.Rank != 2)
            throw new ArgumentException($"MatMul: {a} x {b}: both must be matrices; reshape the other ranks first");
        int depth = a[transposeA ? 0 : 1], other = b[transposeB ? 1 : 0];
        if (depth != other)
        {
            string left = transposeA ? $"{a}ᵀ" : $"{a}", right = transposeB ? $"{b}ᵀ" : $"{b}";
            throw new ArgumentException($"MatMul: {left} x {right}: {depth} columns meet {other} rows; transpose one side?");
        }
        return new Shape(a[transposeA ? 1 : 0], b[transposeB ? 0 : 1]);
    }
}
