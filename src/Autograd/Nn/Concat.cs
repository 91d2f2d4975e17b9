using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

/// <summary>
/// Two layers of one input, whose outputs are put side by side: columns, [N, a] and [N, b] as [N, a + b], or channels of pictures.
/// </summary>
/// <param name="first">Makes the first columns.</param>
/// <param name="second">Makes the others.</param>
public sealed class Concat(Module first, Module second) : Pair("Concat", first, second)
{
    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The two outputs differ in more than their columns.</exception>
    public override Shape OutputShape(Shape input) =>
        PadOps.JoinedShape(First.OutputShape(input), Second.OutputShape(input));

    /// <inheritdoc/>
    public override Var Forward(Var x, Pass pass) => First.Forward(x, pass).ConcatColumns(Second.Forward(x, pass));
}
