using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <summary>The operands of a product y[M,N] = a·b, whose shapes fit.</summary>
internal readonly record struct GemmCall
{
    /// <summary>Checks the shapes, and counts the product's floating-point operations on its device.</summary>
    /// <exception cref="ArgumentException">The shapes don't fit.</exception>
    public GemmCall(Tensor a, bool transposeA, Tensor b, bool transposeB, Tensor y)
    {
        Shape shape = MatMul.ResultShape(a.Shape, transposeA, b.Shape, transposeB);
        if (y.Shape != shape)
            throw new ArgumentException($"MatMul: the result of {a.Shape} x {b.Shape} is {shape}, not {y.Shape}");
        (A, TransposeA, B, TransposeB, Y) = (a, transposeA, b, transposeB, y);
        y.Device.CountMatMul(M, N, K);
    }

    /// <summary>[M,K], or [K,M] if transposed.</summary>
    public Tensor A { get; }

    /// <summary>Whether A is transposed.</summary>
    public bool TransposeA { get; }

    /// <summary>[K,N], or [N,K] if transposed.</summary>
    public Tensor B { get; }

    /// <summary>Whether B is transposed.</summary>
    public bool TransposeB { get; }

    /// <summary>[M,N]</summary>
    public Tensor Y { get; }

    /// <summary>The result's rows.</summary>
    public int M => Y.Shape[0];

    /// <summary>The result's columns.</summary>
    public int N => Y.Shape[1];

    /// <summary>Multiply-adds of an element.</summary>
    public int K => A.Shape[TransposeA ? 0 : 1];
}
