using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

/// <summary>Two layers of one input, whose outputs [N, a] and [N, b] are put side by side, [N, a + b].</summary>
/// <param name="first">Makes the first columns.</param>
/// <param name="second">Makes the others.</param>
public sealed class Concat(Module first, Module second) : Pair("Concat", first, second)
{
    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) =>
        new(input.Rows, First.OutputShape(input).Columns + Second.OutputShape(input).Columns);

    /// <inheritdoc/>
    public override Var Forward(Var x, Pass pass) => First.Forward(x, pass).ConcatColumns(Second.Forward(x, pass));
}
