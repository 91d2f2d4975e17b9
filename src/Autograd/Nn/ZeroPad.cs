using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

/// <summary>Zeros around pictures [N, H, W, C]; Keras' ZeroPadding2D(((top, bottom), (left, right))).</summary>
public sealed class ZeroPad : Module
{
    private readonly int _top, _bottom, _left, _right;

    /// <summary>Makes a layer.</summary>
    /// <param name="top">Rows of zeros above.</param>
    /// <param name="bottom">Rows of zeros below.</param>
    /// <param name="left">Columns of zeros on the left.</param>
    /// <param name="right">Columns of zeros on the right.</param>
    public ZeroPad(int top, int bottom, int left, int right)
    {
        (_top, _bottom, _left, _right) = (top, bottom, left, right);
        Specs = [new("ZeroPad") { Padding = (top, bottom, left, right) }];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<LayerSpec> Specs { get; }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The input is no pictures, or a number of zeros is negative.</exception>
    public override Shape OutputShape(Shape input) => PadOps.PaddedShape(input, _top, _bottom, _left, _right);

    /// <inheritdoc/>
    public override Var Forward(Var x, Pass pass) => x.ZeroPad(_top, _bottom, _left, _right);
}
