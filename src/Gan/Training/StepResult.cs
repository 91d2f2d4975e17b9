namespace GanFromScratch.Gan;

/// <summary>What one training step found, or the means of many.</summary>
public record struct StepResult
{
    /// <summary>D's loss, before the update that it causes.</summary>
    public double DiscriminatorLoss { get; set; }

    /// <summary>G's loss, before the update that it causes.</summary>
    public double GeneratorLoss { get; set; }

    /// <summary>The share of real pictures that D took for real.</summary>
    public double AccuracyOnReal { get; set; }

    /// <summary>The share of fakes that D took for fakes.</summary>
    public double AccuracyOnFake { get; set; }

    /// <summary>The Euclidean norm of D's gradient, of its last update in the step. Only where the model was asked to measure it.</summary>
    public double DiscriminatorGradientNorm { get; set; }

    /// <summary>The Euclidean norm of G's gradient. Only where the model was asked to measure it.</summary>
    public double GeneratorGradientNorm { get; set; }

    /// <summary>Adds another step's losses and accuracies, for a mean; norms are the newer step's.</summary>
    public void Add(StepResult step)
    {
        DiscriminatorLoss += step.DiscriminatorLoss;
        GeneratorLoss += step.GeneratorLoss;
        AccuracyOnReal += step.AccuracyOnReal;
        AccuracyOnFake += step.AccuracyOnFake;
        DiscriminatorGradientNorm = step.DiscriminatorGradientNorm;
        GeneratorGradientNorm = step.GeneratorGradientNorm;
    }

    /// <summary>The mean over so many added steps.</summary>
    public readonly StepResult Mean(int steps) => this with
    {
        DiscriminatorLoss = DiscriminatorLoss / steps,
        GeneratorLoss = GeneratorLoss / steps,
        AccuracyOnReal = AccuracyOnReal / steps,
        AccuracyOnFake = AccuracyOnFake / steps,
    };
}
