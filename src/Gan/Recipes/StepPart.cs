namespace GanFromScratch.Gan.Recipes;

/// <summary>A part of an adversarial training step.</summary>
public enum StepPart
{
    /// <summary>D's updates, then G's.</summary>
    Whole,

    /// <summary>D's updates alone.</summary>
    Discriminator,

    /// <summary>G's update alone.</summary>
    Generator,
}
