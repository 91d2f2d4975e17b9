using System.Text.Json.Serialization;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Options;

namespace GanFromScratch.Gan.Losses;

/// <summary>How learning rates fall over a run.</summary>
[JsonConverter(typeof(WordConverter<RateDecay>))]
public enum RateDecay
{
    /// <summary>They stay.</summary>
    None,

    /// <summary>They fall linearly.</summary>
    Linear,

    /// <summary>They fall along half a cosine.</summary>
    Cosine,
}

/// <summary>How R1 and R2 fall over a run.</summary>
[JsonConverter(typeof(WordConverter<PenaltyDecay>))]
public enum PenaltyDecay
{
    /// <summary>They fall with the learning rates.</summary>
    Rate,

    /// <summary>They stay.</summary>
    None,
}

/// <summary>What is done at random to pictures before D sees them.</summary>
[JsonConverter(typeof(WordConverter<Augmentation>))]
public enum Augmentation
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>They are moved by up to an eighth of their size.</summary>
    Shift,

    /// <summary>Half of them are mirrored, left to right.</summary>
    Flip,

    /// <summary>Both.</summary>
    Both,
}

/// <summary>The loss and its regularisers. The default leaves a recipe unchanged.</summary>
public sealed record Objective
{
    /// <summary>The most updates of D that a step may have.</summary>
    public const int MostDiscriminatorSteps = 1000;

    /// <summary>The most pictures that D may judge together.</summary>
    public const int MostPack = 64;

    /// <summary>
    /// The loss; <see cref="AdversarialLoss.Default"/> means the recipe's own while the rest of the objective allows its step.
    /// </summary>
    public AdversarialLoss Loss { get; init; } = AdversarialLoss.Default;

    /// <summary>gamma of R1: D's loss has gamma / 2 · mean(‖D's gradient at real pictures‖²).</summary>
    public float R1 { get; init; }

    /// <summary>gamma of R2: the same at generated pictures.</summary>
    public float R2 { get; init; }

    /// <summary>How R1 and R2 fall.</summary>
    public PenaltyDecay PenaltyDecay { get; init; }

    /// <summary>lambda of WGAN-GP's penalty: D's loss has lambda · mean((‖D's gradient at interpolates‖ - 1)²).</summary>
    public float GradientPenalty { get; init; }

    /// <summary>The amount by which real labels are below 1 (Salimans et al., 2016, one-sided).</summary>
    public float LabelSmoothing { get; init; }

    /// <summary>The probability of a flipped label.</summary>
    public float FlipLabels { get; init; }

    /// <summary>
    /// The standard deviation of the noise on D's inputs (Sønderby et al., 2017); it falls linearly to 0 at the run's end.
    /// </summary>
    public float InstanceNoise { get; init; }

    /// <summary>What is done at random to all pictures that D sees, generated ones too (Zhao et al., 2020, DiffAugment).</summary>
    public Augmentation Augment { get; init; }

    /// <summary>
    /// The weight of real pictures that are told another class, which D takes for fakes, too (Reed et al., 2016); 0: there are none.
    /// </summary>
    public float Mismatch { get; init; }

    /// <summary>Whether D's weights are divided by their largest singular values (Miyato et al., 2018).</summary>
    public bool SpectralNorm { get; init; }

    /// <summary>The decay of the moving average of G's weights that draws pictures; 0: none.</summary>
    public float Ema { get; init; }

    /// <summary>D's updates for one of G's, each on real pictures of its own.</summary>
    public int DiscriminatorSteps { get; init; } = 1;

    /// <summary>How the learning rates fall until the run's end.</summary>
    public RateDecay RateDecay { get; init; }

    /// <summary>The share of the learning rates that is left at the end, where they fall.</summary>
    public float FinalRate { get; init; } = 0.02f;

    /// <summary>The greatest norm of a network's gradients in an update; 0: no bound.</summary>
    public float GradientClip { get; init; }

    /// <summary>Pictures that D judges together (Lin et al., 2018, PacGAN).</summary>
    public int Pack { get; init; } = 1;

    /// <summary>Whether the recipe's own training step can compute it; otherwise the adversarial step replaces that.</summary>
    public bool KeepsOwnStep => Equals(new Objective
    {
        SpectralNorm = SpectralNorm,
        Ema = Ema,
        RateDecay = RateDecay,
        FinalRate = FinalRate,
        PenaltyDecay = PenaltyDecay,
        GradientClip = GradientClip,
    });

    /// <summary>Whether something falls over the run, so that the run's length changes every step.</summary>
    public bool DependsOnLength => RateDecay != RateDecay.None || InstanceNoise > 0;

    /// <summary>The bound that D's weights are clipped to after its updates; null: none.</summary>
    public float? WeightClip => SpectralNorm || R1 + R2 + GradientPenalty > 0 ? null : Loss.WeightClip;

    /// <summary>Checks that its parts go together.</summary>
    /// <exception cref="GanException">Usage: they don't; the message says why.</exception>
    public Objective Checked()
    {
        if ((LabelSmoothing > 0 || FlipLabels > 0) && !Loss.HasLabels)
        {
            string option = LabelSmoothing > 0 ? "--label-smoothing" : "--flip-labels";
            string with = string.Join(", ", AdversarialLoss.All.Where(loss => loss.HasLabels).Select(loss => loss.Name));
            throw Senseless(
                $"{option} needs labels, and the loss {Loss.Name} has none: D's outputs are compared, not told right from wrong",
                $"Leave it out, or take a loss with labels: {with}");
        }
        if (GradientPenalty > 0 && R1 + R2 > 0)
        {
            string option = R1 > 0 ? "--r1" : "--r2";
            throw Senseless(
                $"{option} pulls D's gradient to 0, and {(Loss.GradientPenalty > 0 ? $"the loss {Loss.Name}" : "--gp")} its norm to 1: "
                + "each would undo the other",
                $"Take one of them{(Loss.GradientPenalty > 0 ? $"; the loss wgan goes with {option}" : "")}");
        }
        if (FinalRate != new Objective().FinalRate && RateDecay == RateDecay.None)
            throw Senseless("--final-rate is what learning rates fall to, and they don't fall", "Give --lr-decay, too, or leave it out");
        if (Loss.GradientPenalty > 0 && GradientPenalty == 0)
            throw Senseless(
                $"the loss {Loss.Name} is nothing but its penalty, which --gp 0 takes away", "Take --loss wgan, or leave --gp out");
        return this;
    }

    /// <summary>Writes what differs from the default as options: `--loss hinge --r1 0.1`.</summary>
    public override string ToString() => Requests.Differences(ObjectiveRequest.Of(this), ObjectiveRequest.Of(new Objective()));

    private static GanException Senseless(string why, string advice) =>
        new(ExitCode.Usage, $"{char.ToUpperInvariant(why[0])}{why[1..]}. {advice}.");
}
