using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Recipes;

/// <summary>A number that follows from up to two that a device may still be computing: offset + a · first + b · second.</summary>
public readonly struct LateNumber
{
    private readonly double _offset, _a, _b;
    private readonly DeferredScalar _first, _second;

    private LateNumber(double offset, double a, DeferredScalar first, double b = 0, DeferredScalar second = default)
    {
        (_offset, _a, _b) = (offset, a, b);
        (_first, _second) = (first, second);
    }

    /// <summary>The only element of a tensor that has one, as it is after all work given so far.</summary>
    public static LateNumber Of(Tensor tensor) => new(0, 1, tensor.ReadDeferred());

    /// <summary>The number. Waits for the device where it is not there yet.</summary>
    public double Value => (_a * _first.Value) + (_b * _second.Value) + _offset;

    /// <summary>factor · x</summary>
    public static LateNumber operator *(double factor, LateNumber x) =>
        new(factor * x._offset, factor * x._a, x._first, factor * x._b, x._second);

    /// <summary>constant - x</summary>
    public static LateNumber operator -(double constant, LateNumber x) => new(constant - x._offset, -x._a, x._first, -x._b, x._second);

    /// <summary>x + y</summary>
    /// <exception cref="InvalidOperationException">One of the two already follows from two numbers.</exception>
    public static LateNumber operator +(LateNumber x, LateNumber y) => x._b == 0 && y._b == 0
        ? new(x._offset + y._offset, x._a, x._first, y._a, y._first)
        : throw new InvalidOperationException("LateNumber: a sum of more than two numbers; let the device add some of them");
}

/// <summary>The Euclidean norm of gradients whose squares a device may still be adding up.</summary>
/// <param name="squares">The sum of squares of each parameter's gradient; null where no norm was measured.</param>
public readonly struct LateNorm(DeferredScalar[]? squares)
{
    /// <summary>The norm; 0 where none was measured. Waits for the device where it is not there yet.</summary>
    public double Value
    {
        get
        {
            double sum = 0;
            foreach (var square in squares ?? [])
                sum += square.Value;
            return Math.Sqrt(sum);
        }
    }
}

/// <summary>
/// What one training step finds, before a device has computed it: a step reads nothing back, so that the device always has work. The properties
/// are those of <see cref="StepResult"/>.
/// </summary>
public struct LateStepResult
{
    /// <inheritdoc cref="StepResult.DiscriminatorLoss"/>
    public LateNumber DiscriminatorLoss { get; set; }

    /// <inheritdoc cref="StepResult.GeneratorLoss"/>
    public LateNumber GeneratorLoss { get; set; }

    /// <inheritdoc cref="StepResult.AccuracyOnReal"/>
    public LateNumber AccuracyOnReal { get; set; }

    /// <inheritdoc cref="StepResult.AccuracyOnFake"/>
    public LateNumber AccuracyOnFake { get; set; }

    /// <inheritdoc cref="StepResult.OutputOnReal"/>
    public LateNumber OutputOnReal { get; set; }

    /// <inheritdoc cref="StepResult.OutputOnFake"/>
    public LateNumber OutputOnFake { get; set; }

    /// <inheritdoc cref="StepResult.DiscriminatorGradientNorm"/>
    public LateNorm DiscriminatorGradientNorm { get; set; }

    /// <inheritdoc cref="StepResult.GeneratorGradientNorm"/>
    public LateNorm GeneratorGradientNorm { get; set; }

    /// <summary>The numbers. Waits for the device where they are not there yet.</summary>
    public readonly StepResult Resolve() => new()
    {
        DiscriminatorLoss = DiscriminatorLoss.Value,
        GeneratorLoss = GeneratorLoss.Value,
        AccuracyOnReal = AccuracyOnReal.Value,
        AccuracyOnFake = AccuracyOnFake.Value,
        OutputOnReal = OutputOnReal.Value,
        OutputOnFake = OutputOnFake.Value,
        DiscriminatorGradientNorm = DiscriminatorGradientNorm.Value,
        GeneratorGradientNorm = GeneratorGradientNorm.Value,
    };
}
