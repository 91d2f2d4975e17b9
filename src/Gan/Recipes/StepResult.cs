using GanFromScratch.Autograd;

namespace GanFromScratch.Gan.Recipes;

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

    /// <summary>D's mean output on real pictures, as the recipe logs it; 0 where it doesn't.</summary>
    public double OutputOnReal { get; set; }

    /// <summary>D's mean output on fakes, as the recipe logs it; 0 where it doesn't.</summary>
    public double OutputOnFake { get; set; }

    /// <summary>The Euclidean norm of D's gradient, of its last update in the step. Only where the model was asked to measure it.</summary>
    public double DiscriminatorGradientNorm { get; set; }

    /// <summary>The Euclidean norm of G's gradient. Only where the model was asked to measure it.</summary>
    public double GeneratorGradientNorm { get; set; }

    /// <summary>Visits all numbers.</summary>
    /// <param name="visitor">Saves or restores them.</param>
    /// <param name="prefix">Precedes their names.</param>
    public void VisitState(IStateVisitor visitor, string prefix)
    {
        DiscriminatorLoss = visitor.VisitDouble($"{prefix}d_loss", DiscriminatorLoss);
        GeneratorLoss = visitor.VisitDouble($"{prefix}g_loss", GeneratorLoss);
        AccuracyOnReal = visitor.VisitDouble($"{prefix}d_accuracy_real", AccuracyOnReal);
        AccuracyOnFake = visitor.VisitDouble($"{prefix}d_accuracy_fake", AccuracyOnFake);
        OutputOnReal = visitor.VisitDouble($"{prefix}d_output_real", OutputOnReal);
        OutputOnFake = visitor.VisitDouble($"{prefix}d_output_fake", OutputOnFake);
        DiscriminatorGradientNorm = visitor.VisitDouble($"{prefix}d_gradient_norm", DiscriminatorGradientNorm);
        GeneratorGradientNorm = visitor.VisitDouble($"{prefix}g_gradient_norm", GeneratorGradientNorm);
    }

    /// <summary>Adds another step's losses and accuracies, for a mean; norms are the newer step's.</summary>
    public void Add(StepResult step)
    {
        DiscriminatorLoss += step.DiscriminatorLoss;
        GeneratorLoss += step.GeneratorLoss;
        AccuracyOnReal += step.AccuracyOnReal;
        AccuracyOnFake += step.AccuracyOnFake;
        OutputOnReal += step.OutputOnReal;
        OutputOnFake += step.OutputOnFake;
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
        OutputOnReal = OutputOnReal / steps,
        OutputOnFake = OutputOnFake / steps,
    };
}
