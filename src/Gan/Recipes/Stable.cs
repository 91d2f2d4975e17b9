using GanFromScratch.Gan.Losses;

namespace GanFromScratch.Gan.Recipes;

/// <summary>odog's networks under losses that keep training stable: the best pictures of dense networks.</summary>
public class Stable : Odog
{
    /// <summary>The recipe; it follows no document, so there is one form.</summary>
    public Stable(bool asWritten = false)
    {
        Name = "stable";
        AsWritten = asWritten;
        Summary = "odog's networks under a relativistic loss with gradient penalties, decaying rates and an averaged G: "
            + "the best pictures of dense networks";
        Source = "this project; the loss and its penalties are R3GAN's (Huang et al., 2024)";
        Objective = new Objective
        {
            Loss = AdversarialLoss.Find("relativistic"),
            R1 = 1f,
            R2 = 1f,
            RateDecay = RateDecay.Cosine,
            Ema = 0.999f,
        };
        GeneratorAdam = DiscriminatorAdam = new(8e-4f, 0.5f, 0.99f, 1e-8f);
        SharesStepCounter = false;
        DiscriminatorLoss = Objective.Loss.OfD + " + R1/2 · mean(‖D'(real)‖²) + R2/2 · mean(‖D'(fake)‖²), D' the slope of D at a picture";
        GeneratorLoss = Objective.Loss.OfG;
        StepSummary = "D update on reals and on fakes made by G by its batch's statistics; G update on fresh noise against the new D";
        Quirks = [];
    }

    /// <inheritdoc/>
    public override void Step(StepContext step) => AdversarialStep.Run(step);
}
