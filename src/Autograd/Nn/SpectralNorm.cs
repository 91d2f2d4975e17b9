using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

// w[I,O] v[I,1] u[O,1]: I inputs, O outputs; of a convolution, its taps' inputs, [rows, columns, in, out] as [rows·columns·in, out]

/// <summary>
/// Spectral normalisation (Miyato et al., 2018): a layer's weight is divided by its largest singular value, so that the layer
/// lengthens no vector. The value is estimated as vᵀ·w·u, where u and v follow w by power iteration; a gradient flows through w, to which
/// the vectors are constants.
/// </summary>
public sealed class SpectralNorm
{
    private const int FirstIterations = 16;
    private const float Least = 1e-12f; // so that a weight of zeros stays one
    private readonly Parameter _weight, _u, _v;

    /// <summary>Makes the vectors for a weight that has been initialised.</summary>
    /// <param name="weight">The weight to divide.</param>
    /// <param name="random">The stream that u is drawn from; not the weights', so that these are the same without it.</param>
    public SpectralNorm(Parameter weight, RandomStream random)
    {
        _weight = weight;
        var w = weight.Value;
        _u = new Parameter("weight_u", new Tensor(w.Device, new Shape(w.Shape.Columns, 1)));
        _v = new Parameter("weight_v", new Tensor(w.Device, new Shape(w.Shape.Rows, 1)));
        RandomNumbers.Normal(random, 0f, 1f, _u.Value);
        for (int i = 0; i < FirstIterations; i++)
            Iterate();
    }

    /// <summary>u and v: no gradient flows to them, but a saved network holds them.</summary>
    public IReadOnlyList<Parameter> Statistics => [_u, _v];

    /// <summary>Returns w / (vᵀ·w·u).</summary>
    public Var Normalised(Tape tape)
    {
        var w = tape.Use(_weight);
        var largest = tape.Constant(_v.Value).MatMul(AsMatrix(w), transposeA: true).MatMul(tape.Constant(_u.Value));
        return w.Multiply(largest.Offset(Least).Reciprocal().Repeat(w.Shape));
    }

    /// <summary>Takes a step of power iteration: v = w·u / ‖w·u‖, u = wᵀ·v / ‖wᵀ·v‖. Called after each update of the weight.</summary>
    public void Iterate()
    {
        using var tape = new Tape(_weight.Value.Device);
        var w = AsMatrix(tape.Constant(_weight.Value));
        var v = Unit(w.MatMul(tape.Constant(_u.Value)));
        var u = Unit(w.MatMul(v, transposeA: true));
        Elementwise.Map(default(Identity), v.Value, _v.Value);
        Elementwise.Map(default(Identity), u.Value, _u.Value);
    }

    private static Var AsMatrix(Var w) => w.Shape.Rank == 2 ? w : w.Reshape(new Shape(w.Shape.Rows, w.Shape.Columns));

    private static Var Unit(Var x) => x.Multiply(x.Square().Sum().Sqrt().Offset(Least).Reciprocal().Repeat(x.Shape));
}
