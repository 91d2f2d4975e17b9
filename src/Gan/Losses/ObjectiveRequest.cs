using System.Reflection;
using System.Text.Json.Serialization;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Options;

namespace GanFromScratch.Gan.Losses;

/// <summary>
/// What was asked of an <see cref="Objective"/>: each property is an option, and sets the objective's property of the same name. Null
/// leaves the recipe's own value.
/// </summary>
public sealed record ObjectiveRequest
{
    private const string Group = "Loss";

    private static readonly (PropertyInfo Asked, PropertyInfo Of)[] Pairs =
        [.. typeof(ObjectiveRequest).GetProperties().Select(asked => (asked, typeof(Objective).GetProperty(asked.Name)!))];

    /// <summary>The name of an <see cref="AdversarialLoss"/>.</summary>
    [Option("--loss", "The adversarial loss; docs/losses.md compares them", Group = Group, Choices = typeof(LossNames))]
    public string? Loss { get; init; }

    /// <summary>gamma of R1.</summary>
    [Option(
        "--r1", "Gradient penalty of D at real pictures: gamma/2 · mean ‖gradient‖²",
        Group = Group, Value = "GAMMA", Min = 0)]
    public float? R1 { get; init; }

    /// <summary>gamma of R2.</summary>
    [Option("--r2", "The same at generated pictures", Group = Group, Value = "GAMMA", Min = 0)]
    public float? R2 { get; init; }

    /// <summary>How R1 and R2 fall.</summary>
    [Option("--penalty-decay", "Decay of --r1 and --r2: with the learning rates, or none", Group = Group)]
    public PenaltyDecay? PenaltyDecay { get; init; }

    /// <summary>lambda of WGAN-GP's penalty.</summary>
    [JsonPropertyName("gp")]
    [Option("--gp", "The same between both: lambda · mean (‖gradient‖ - 1)²", Group = Group, Value = "LAMBDA", Min = 0)]
    public float? GradientPenalty { get; init; }

    /// <summary>The amount by which real labels are below 1.</summary>
    [Option("--label-smoothing", "Label of real pictures: 1 - X", Group = Group, Min = 0, Below = 0.5)]
    public float? LabelSmoothing { get; init; }

    /// <summary>The probability of a flipped label.</summary>
    [Option("--flip-labels", "Probability of a wrong label", Group = Group, Value = "P", Min = 0, Below = 0.5)]
    public float? FlipLabels { get; init; }

    /// <summary>The standard deviation of the noise on D's inputs.</summary>
    [Option(
        "--instance-noise", "Deviation of noise on all pictures that D sees; decays to 0", Group = Group, Value = "S", Min = 0)]
    public float? InstanceNoise { get; init; }

    /// <summary>What is done at random to all pictures that D sees.</summary>
    [Option(
        "--augment", "Moves all pictures that D sees by up to an eighth, mirrors half of them, or both: for small sets (DiffAugment)",
        Group = Group)]
    public Augmentation? Augment { get; init; }

    /// <summary>The weight of real pictures that are told another class.</summary>
    [Option(
        "--mismatch", "Has D take real pictures under another class for fakes, too, with this weight: G keeps to the class asked for",
        Group = Group, Value = "WEIGHT", Min = 0)]
    public float? Mismatch { get; init; }

    /// <summary>Whether D's weights are divided by their largest singular values.</summary>
    [Option("--spectral-norm", "Divides D's weights by their largest singular values", Group = Group)]
    public bool? SpectralNorm { get; init; }

    /// <summary>The decay of the moving average of G's weights.</summary>
    [Option(
        "--ema", "Generates pictures with a moving average of G's weights, such as 0.999; 0: none",
        Group = Group, Value = "DECAY", Min = 0, Below = 1)]
    public float? Ema { get; init; }

    /// <summary>D's updates for one of G's.</summary>
    [JsonPropertyName("d_steps")]
    [Option(
        "--d-steps", "Updates of D for each update of G", Group = Group, Value = "N", Min = 1, Max = Objective.MostDiscriminatorSteps)]
    public int? DiscriminatorSteps { get; init; }

    /// <summary>How the learning rates fall.</summary>
    [JsonPropertyName("lr_decay")]
    [Option("--lr-decay", "Decay of the learning rates, to --final-rate at the end", Group = Group)]
    public RateDecay? RateDecay { get; init; }

    /// <summary>What the learning rates fall to.</summary>
    [Option(
        "--final-rate", "Share of the learning rates that --lr-decay leaves at the end; 0.02 unless the recipe says otherwise",
        Group = Group, Value = "SHARE", Min = 0, Below = 1)]
    public float? FinalRate { get; init; }

    /// <summary>The greatest norm of a network's gradients.</summary>
    [JsonPropertyName("grad_clip")]
    [Option("--grad-clip", "The largest norm of a network's gradients; 0: no bound", Group = Group, Min = 0)]
    public float? GradientClip { get; init; }

    /// <summary>Pictures that D judges together.</summary>
    [Option(
        "--pack", "Pictures that D sees together (PacGAN); the batch must be a multiple of M",
        Group = Group, Value = "M", Min = 1, Max = Objective.MostPack)]
    public int? Pack { get; init; }

    /// <summary>Returns the request that leads to an objective, whatever the recipe.</summary>
    public static ObjectiveRequest Of(Objective objective)
    {
        var request = new ObjectiveRequest();
        foreach (var (asked, of) in Pairs)
            asked.SetValue(request, of.GetValue(objective) is AdversarialLoss loss ? loss.Name : of.GetValue(objective));
        return request;
    }

    /// <summary>
    /// Returns the objective that is asked for. Another loss than the recipe's comes without the latter's penalties and labels.
    /// </summary>
    /// <param name="recipes">The recipe's own, for what isn't asked for.</param>
    /// <exception cref="GanException">Usage: parts that exclude each other.</exception>
    public Objective Over(Objective recipes)
    {
        var objective = recipes with { };
        if (Loss is not null && AdversarialLoss.Find(Loss) is var loss && loss != recipes.Loss)
        {
            objective = new Objective
            {
                Loss = loss,
                GradientPenalty = loss.GradientPenalty,
                DiscriminatorSteps = loss.DiscriminatorSteps,
                RateDecay = recipes.RateDecay,
                FinalRate = recipes.FinalRate,
                PenaltyDecay = recipes.PenaltyDecay,
                Ema = recipes.Ema,
                GradientClip = recipes.GradientClip,
                SpectralNorm = recipes.SpectralNorm,
                Mismatch = recipes.Mismatch,
            };
        }
        if (RateDecay == Losses.RateDecay.None && FinalRate is null)
            objective = objective with { FinalRate = new Objective().FinalRate };
        if (GradientPenalty > 0 && R1 is null && R2 is null)
            objective = objective with { R1 = 0f, R2 = 0f }; // replaces penalties that were not asked for
        foreach (var (asked, of) in Pairs)
        {
            if (asked.GetValue(this) is { } value and not string)
                of.SetValue(objective, value);
        }
        return objective.Checked();
    }

    private sealed class LossNames : IChoices
    {
        public IReadOnlyList<string> Words { get; } = [.. AdversarialLoss.All.Select(loss => loss.Name)];

        public string? Others => null;
    }
}
