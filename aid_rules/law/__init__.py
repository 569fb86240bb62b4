"""The few computations of the law that are no table: the beneficiary, its group, the grant equivalent."""
