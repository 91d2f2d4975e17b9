using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

/// <summary>
/// Two layers of one input, whose outputs, of one shape, are added: a residual, or a judgement with a part for each label.
/// </summary>
/// <param name="first">Makes the first summand.</param>
/// <param name="second">Makes the other.</param>
public sealed class Sum(Module first, Module second) : Pair("Sum", first, second)
{
    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The two outputs have other shapes.</exception>
    public override Shape OutputShape(Shape input)
    {
        Shape one = First.OutputShape(input), other = Second.OutputShape(input);
        return one == other ? one : throw new ArgumentException($"{Description}: the outputs are {one} and {other}, which can't be added");
    }

    /// <inheritdoc/>
    public override Var Forward(Var x, Pass pass) => First.Forward(x, pass).Add(Second.Forward(x, pass));
}
